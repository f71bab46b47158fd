"""What a run that fails keeps, and what is found out before it trains."""

import shutil
from dataclasses import replace

import pytest
from conftest import ROOT

import zoo
from zoo import data, recipe_book, training
from zoo.training import restarts

pytestmark = pytest.mark.slow


def smoke(**changes):
    return replace(recipe_book.get("dense_digits").smoke(), **changes)


@pytest.mark.usefixtures("in_this_process")
def test_finished_seeds_outlive_every_failure_behind_training(tmp_path, monkeypatch):
    full = OSError(28, "No space left on device")
    busy = zoo.InputError("Nothing can be written to out (busy).")
    stages = {"evaluate_runs": full, "export_model": busy, "replace_target": busy}
    for stage, error in stages.items():

        def fail(*_, error=error):
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(f"zoo.pipeline.train.{stage}", fail)
            with pytest.raises(type(error)):
                zoo.train(smoke(), out=tmp_path, variants=["fp32"])
        (left,) = tmp_path.iterdir()
        assert [path.name for path in left.glob("seeds-*/*")] == ["seed_0"]
        monkeypatch.setattr(restarts, "fit", None)
    trained = zoo.train(smoke(), out=tmp_path, variants=["fp32"])
    assert list(tmp_path.iterdir()) == [trained.folder]


def test_seeds_that_were_refused_themselves_are_deleted(tmp_path, monkeypatch):
    fit = restarts.fit

    def diverging(*arguments):
        model, run, history = fit(*arguments)
        return model, {**run, "stopped": "diverged"}, history

    monkeypatch.setattr(restarts, "fit", diverging)
    with pytest.raises(zoo.InputError, match="Training diverged"):
        zoo.train(smoke(), out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_seed_that_was_kept_but_is_damaged_is_trained_again(tmp_path):
    recipe = smoke()
    dataset = data.load("digits", max_samples=recipe.max_samples)
    expected = training.train(recipe, dataset, unfinished=tmp_path / "seeds")
    for name in ("model.keras", "run.json"):
        (tmp_path / "seeds/seed_0" / name).write_bytes(b"half")
        found = training.train(recipe, dataset, unfinished=tmp_path / "seeds")
        assert found.runs[0]["val_loss"] == expected.runs[0]["val_loss"]


def test_what_would_be_refused_in_the_end_is_refused_before_the_data_are_read(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(data, "for_recipe", None)
    (tmp_path / "busy").mkdir()
    shutil.copy(ROOT / "saved_models/dense_digits/result.json", tmp_path / "busy")
    monkeypatch.setattr("zoo.pipeline.output_folder._refusal", lambda _: "Device or resource busy")
    for name, message in (("busy", "Device or resource busy"), ("a[b]", r"because of the \[")):
        with pytest.raises(zoo.InputError, match=message):
            zoo.train(smoke(name=name), out=tmp_path)


def test_too_little_space_is_refused_before_training(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "train", None)
    monkeypatch.setattr("zoo.pipeline.output_folder.MEGABYTES_BESIDE", 1 << 40)
    with pytest.raises(zoo.InputError, match="MB of free space, but the files of this model need"):
        zoo.train(smoke(), out=tmp_path)
    assert list(tmp_path.iterdir()) == []
