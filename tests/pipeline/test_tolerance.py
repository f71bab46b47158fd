"""What may be left out, and the tolerance, reach the export from each command and function."""

import numpy as np
import pytest

import zoo
from zoo import data
from zoo.cli.main import app
from zoo.exporting import tflite

pytestmark = pytest.mark.slow


class StopError(Exception):
    """Raised in place of an export."""


@pytest.fixture
def options(monkeypatch):
    """The options that the export gets last; it then raises StopError."""
    found = {}

    def write(*_, **options):
        found.update(options)
        raise StopError

    monkeypatch.setattr(tflite, "write", write)
    return found


def test_only_files_are_data_of_one_s_own():
    assert all(map(data.is_own, ("d.npy", "../a/b.npy", "D.NPY", "x.npz")))
    sets = ("digits", "ecg5000", "mnist", "mnist_corrupted/fog", "mnist:3.0.1", "a/b:1.0.0")
    assert not any(map(data.is_own, sets))


def test_training_on_a_file_may_leave_variants_out(options, tmp_path):
    path = tmp_path / "d.npy"
    np.save(path, np.random.default_rng(0).random((400, 6), dtype="float32"))
    command = ["train", "dense_digits", "--data", str(path), "--epochs", "1", "--tolerance", "0.2"]
    with pytest.raises(StopError):
        app([*command, "--out", str(tmp_path)], standalone_mode=False)
    assert options["own_data"] is True
    assert options["tolerance"] == 0.2


def test_an_export_of_published_data_may_not(options, earlier):
    with pytest.raises(StopError):
        app(["export", str(earlier), "--tolerance", "0.2"], standalone_mode=False)
    assert options["own_data"] is False
    assert options["tolerance"] == 0.2


@pytest.mark.parametrize("tolerance", [-1, float("inf"), "5%", True])
def test_a_wrong_tolerance_is_refused_before_training(tolerance, tmp_path):
    with pytest.raises(zoo.InputError, match="tolerance must"):
        zoo.train("dense_digits", out=tmp_path, tolerance=tolerance)
