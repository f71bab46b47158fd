"""`zoo.export`: of a trained folder, and of a model fitted in Python."""

from dataclasses import replace

import numpy as np
import pytest

import zoo
from zoo import data, recipe_book, training
from zoo.errors import GateError
from zoo.exporting import fresh_process

CALIBRATES = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")


def smoke(name, **changes):
    return replace(recipe_book.get(name).smoke(), **changes)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@CALIBRATES
@pytest.mark.usefixtures("in_this_process")
def test_export_adds_files_with_their_figures_and_leaves_the_others(earlier, monkeypatch):
    # It is written anew, from the new result.
    (earlier / "README.md").unlink()
    before = contents(earlier)
    report = zoo.export(
        earlier, variants=["int8"], int8_io=True, threshold_quantile=0.9, c_arrays=True
    )
    assert list(report) == ["model_int8.tflite"]
    changed = {path for path, content in contents(earlier).items() if before.get(path) != content}
    names = {path.name for path in changed}
    assert names == {"model_int8.tflite", "model_int8.h", "result.json", "README.md"}
    size = f"{report['model_int8.tflite']['bytes']:,}"
    (row,) = (line for line in (earlier / "README.md").read_text().splitlines() if size in line)
    assert row.startswith("| `model_int8.tflite` |")
    model = zoo.edge.load(earlier / "model_int8.tflite")
    assert model.metadata["values"]["x"]["dtype"] == "int8"
    figures = model.metadata["figures"]
    assert figures["test_mse"] == report["model_int8.tflite"]["test_mse"]
    dataset = data.load("digits", max_samples=256)
    scores = model.score(dataset.validation)
    assert model.threshold == pytest.approx(np.quantile(scores, 0.9), rel=1e-6)
    assert 0.05 < (scores > model.threshold).mean() < 0.15
    assert "model_int8.tflite" in zoo.verify(earlier)
    # What an earlier export was given stays, unless it is given anew; its header is written anew.
    header = (earlier / "model_int8.h").read_text()
    monkeypatch.chdir(earlier)
    zoo.export(".", variants=["int8"], per_channel=True)
    assert (earlier / "model_int8.h").read_text() != header
    model = zoo.edge.load(earlier / "model_int8.tflite")
    assert model.metadata["recipe"]["per_channel"] is True
    assert model.metadata["values"]["x"]["dtype"] == "int8"
    assert model.threshold == pytest.approx(np.quantile(model.score(dataset.validation), 0.9))
    zoo.export(".", variants=["int8"], int8_io=False)
    model = zoo.edge.load(earlier / "model_int8.tflite")
    assert model.metadata["values"]["x"]["dtype"] == "float32"
    assert model.metadata["recipe"]["per_channel"] is True
    assert model.threshold is not None
    assert [path.name for path in earlier.parent.iterdir()] == [earlier.name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variants": ["fused"]}, "A dense model has no variant 'fused': choose one of fp32, fp16"),
        ({"variants": ["fp32"], "int8_io": True}, "Only int8 variants have int8_io"),
        ({"only": "score"}, "only must be one of reconstruct, encode, decode, but got 'score'"),
        ({"threshold_quantile": 1.0}, "threshold_quantile must lie between 0 and 1, but got 1.0"),
        ({"threshold_quantile": 0.9, "only": "encode"}, "offers only encode has no scores"),
    ],
)
def test_export_refuses_what_makes_no_sense(earlier, arguments, message):
    with pytest.raises(zoo.InputError, match=message):
        zoo.export(earlier, **arguments)


def test_an_export_that_fails_leaves_the_folder_as_it_was(earlier, monkeypatch):
    before = contents(earlier)
    monkeypatch.setattr(fresh_process, "run", lambda *_, **__: (-11, ""))
    with pytest.raises(GateError, match=r"model\.tflite could not be converted \(signal 11\)"):
        zoo.export(earlier, variants=["fp32"])
    assert contents(earlier) == before
    assert list(earlier.parent.iterdir()) == [earlier]
    monkeypatch.setattr(training, "train", None)  # neither takes a training to find out
    for variants, message in (
        (["int8"], "variants must hold fp32, but got int8"),
        (["fp32", "fused"], "A dense model has no variant 'fused'"),
    ):
        with pytest.raises(zoo.InputError, match=message):
            zoo.train(smoke("dense_digits"), out=earlier.parent, variants=variants)


def fitted(rng, **arguments):
    """A model as a notebook has it: compiled, fitted, never named by a recipe."""
    x = rng.random((300, 8, 8, 1), dtype="float32")
    model = zoo.get("conv", input_shape=(8, 8, 1), latent_dim=6, filters=(4,), **arguments)
    model.compile("adam", "mse")
    model.fit(x, x, epochs=2, verbose=0)
    return model, x


@CALIBRATES
@pytest.mark.usefixtures("in_this_process")
def test_a_model_fitted_in_python_is_exported_verified_and_run(tmp_path, rng):
    model, x = fitted(rng, score_window=2)
    folder = tmp_path / "mine"
    report = zoo.export(
        model, folder, calibration=x, variants=("fp32", "int8"), threshold_quantile=0.9
    )
    files = ["model.keras", "saved_model", "model.tflite", "model_int8.tflite"]
    assert list(report) == files
    written = {path.name for path in folder.iterdir()}
    assert written == {*files, "result.json", "README.md", "samples.npz"}
    assert model.compiled
    assert not zoo.load(folder / "model.keras").compiled
    np.testing.assert_array_equal(
        zoo.load(folder / "model.keras").predict(x, verbose=0), model.predict(x, verbose=0)
    )
    device = zoo.edge.load(folder / "model.tflite")
    np.testing.assert_allclose(device.score(x), model.score(x), rtol=1e-4, atol=1e-6)
    assert device.threshold == pytest.approx(np.quantile(model.score(x), 0.9), rel=1e-3)
    assert list(zoo.verify(folder)) == files

    # Its folder is exported again without the model at hand.
    again = zoo.export(folder, variants=["fp16"])
    assert list(again) == ["model_fp16.tflite"]
    assert list(zoo.verify(folder)) == [*files, "model_fp16.tflite"]
    (folder / "samples.npz").write_bytes(b"PK no archive")
    with pytest.raises(zoo.InputError, match=r"samples\.npz is damaged"):
        zoo.verify(folder)
    (folder / "samples.npz").unlink()
    with pytest.raises(zoo.InputError, match=r"samples\.npz is missing"):
        zoo.verify(folder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "name a folder and pass calibration samples"),
        ({"calibration": np.zeros((5, 9, 8, 1))}, r"takes samples of shape \(8, 8, 1\), but"),
        ({"calibration": np.full((5, 8, 8, 1), np.nan)}, "holds NaN or infinity"),
        ({"calibration": np.zeros((0, 8, 8, 1))}, "is empty"),
        ({"calibration": np.zeros((5, 8, 8, 1)), "variants": ["fused"]}, "no variant 'fused'"),
    ],
)
def test_exporting_a_model_refuses_what_makes_no_sense(arguments, message, tmp_path):
    model = zoo.get("dense", input_shape=(8, 8, 1))
    with pytest.raises(zoo.InputError, match=message):
        zoo.export(model, tmp_path / "mine", **arguments)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(zoo.InputError, match="leave folder and calibration out"):
        zoo.export(tmp_path, tmp_path / "mine")
