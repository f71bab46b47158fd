"""Lines of progress, and the end of training that diverges."""

import logging

import pytest

from zoo import InputError, data
from zoo.recipe import Recipe
from zoo.training import callbacks, train
from zoo.training.callbacks import ProgressLines


def test_lines_of_progress_are_written_now_and_then(monkeypatch, caplog):
    # The clock stands at the start, and then after each epoch.
    clock = iter([0.0, 10.0, 30.0, 50.0, 59.0, 61.0])
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: next(clock))
    progress = ProgressLines("seed 3")
    progress.set_params({"epochs": 5})
    with caplog.at_level(logging.INFO, logger="zoo"):
        progress.on_train_begin()
        for epoch in range(5):
            progress.on_epoch_end(epoch, {"val_loss": 1 / (epoch + 1)})
    assert caplog.messages == [
        "seed 3: epoch 2 of 5, validation loss 0.50000",
        "seed 3: epoch 5 of 5, validation loss 0.20000",
    ]


def test_training_without_a_terminal_writes_them(monkeypatch, caplog):
    monkeypatch.setattr(callbacks, "SECONDS_BETWEEN_LINES", 0.0)
    recipe = Recipe(name="tiny", model="dense", data="digits", epochs=2, max_samples=64, seed=7)
    with caplog.at_level(logging.INFO, logger="zoo"):
        trained = train(recipe, data.load("digits", max_samples=128))
    lines = [record.message for record in caplog.records if record.name.startswith("zoo")]
    assert lines == [
        f"seed 7: epoch {epoch + 1} of 2, validation loss {loss:.5f}"
        for epoch, loss in enumerate(trained.history["val_loss"])
    ]


def test_training_that_diverges_stops_at_once_and_prints_nothing(monkeypatch, capsys):
    epochs = []
    monkeypatch.setattr(ProgressLines, "on_epoch_end", lambda *_: epochs.append(1))
    linear = {"hidden": (), "output_activation": "linear"}
    recipe = Recipe(
        name="tiny", model="dense", data="digits", epochs=50, arguments=linear,
        optimizer="sgd", learning_rate=1e9,
    )  # fmt: skip
    with pytest.raises(InputError, match="Training diverged"):
        train(recipe, data.load("digits", max_samples=512))
    assert len(epochs) < 25
    # Standard output is for results, such as those of `--json`.
    assert capsys.readouterr().out == ""
