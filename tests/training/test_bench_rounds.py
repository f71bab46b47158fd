"""The benchmark of training keeps the rounds that were finished before it was interrupted."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from conftest import ROOT

from zoo import data


class FakeSide:
    """A side that trains nothing; the one named `keras` raises `stop` in its third epoch."""

    parameters = 10
    stop: type[BaseException] = KeyboardInterrupt

    def __init__(self, name, peer, network, samples, batch_size, *options):
        assert np.load(samples).shape == (7, 28, 28, 1)
        self.name = name
        self.epochs = 0

    def epoch(self):
        self.epochs += 1
        if self.name == "keras" and self.epochs == 3:
            raise self.stop
        return {"samples_per_second": 2000.0 if self.name == "zoo" else 1000.0, "loss": 0.5}

    def close(self):
        pass


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the benchmark with fake sides, in a folder of its own."""
    monkeypatch.syspath_prepend(str(ROOT))
    # Otherwise the benchmark would take the standard error away from the tests.
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    from benchmarks import rounds, training

    images = np.zeros((7, 28, 28, 1), "float32")
    dataset = SimpleNamespace(train=images[:5], validation=images[5:])
    monkeypatch.setattr(data, "load", lambda name, data_dir: dataset)
    monkeypatch.setattr(rounds, "Side", FakeSide)
    monkeypatch.setattr(rounds, "sgemm", lambda: 1e9)
    monkeypatch.setattr(training, "FOLDER", tmp_path)
    monkeypatch.setattr(training.costs, "startup", lambda rounds: {"import zoo": 0.1})

    def run(rounds):
        training.main(["dense", "conv"], rounds, ["keras"], None, sweeps=False)

    return run


def test_an_interruption_leaves_a_report_of_the_rounds_before(run, tmp_path, capsys):
    with pytest.raises(typer.Exit) as exit_:
        run(rounds=5)
    assert exit_.value.exit_code == 130
    found = json.loads((tmp_path / "report.json").read_text())
    assert list(found["networks"]) == ["dense"]
    assert found["networks"]["dense"] == {
        "parameters": 10,
        "speeds": {"zoo": [2000.0, 2000.0], "keras": [1000.0, 1000.0]},
        "losses": {"zoo": [0.5, 0.5], "keras": [0.5, 0.5]},
        "sgemm": [1e9, 1e9],
    }
    report = (tmp_path / "report.md").read_text()
    assert "**It was interrupted**: finished rounds were dense 2, conv 0." in report
    assert "| dense | Keras `fit` | 1,000 | 2.00 | 0.50000 |" in report
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "dense: zoo, keras get ready",
        "dense: round 1 of 5, samples/s: zoo 2,000, keras 1,000",
        "dense: round 2 of 5, samples/s: zoo 2,000, keras 1,000",
        "Interrupted: the report is of the rounds that were finished.",
    ]


def test_numbers_are_written_after_each_round(run, tmp_path, monkeypatch):
    # As when the benchmark is killed: nothing is written in the end.
    monkeypatch.setattr(FakeSide, "stop", RuntimeError)
    with pytest.raises(RuntimeError):
        run(rounds=5)
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["networks"]["dense"]["speeds"]["zoo"] == [2000.0, 2000.0]
    assert found["asked"]["rounds"] == 5


def test_without_an_interruption_the_report_is_whole(run, tmp_path):
    run(rounds=2)
    report = (tmp_path / "report.md").read_text()
    assert "interrupted" not in report
    assert "| conv | Keras `fit` | 1,000 | 2.00 | 0.50000 |" in report
    assert "| conv | mixed_float16 |" in report
    assert "| import zoo | 0.10 |" in report
    assert (tmp_path / "training.png").is_file()


def test_an_interruption_before_the_first_round_writes_nothing(run, tmp_path, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeSide, "epoch", interrupted)
    with pytest.raises(typer.Exit):
        run(rounds=5)
    assert list(tmp_path.iterdir()) == []
