"""Every recipe of the book at smoke size through the real pipeline, and gates that hold."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT

import zoo
from recipes import book, pipeline, training, verifying
from recipes.recipe import Gate, GateError

DATA_DIR = {"mnist": "tfds", "ecg5000": "ecg5000"}


def smoke(name, **changes):
    return replace(book.get(name).smoke(), **changes)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("saved_models")


def test_the_book_lists_its_files_and_each_recipe_bears_its_files_name():
    files = {path.stem for path in (ROOT / "recipes/book").glob("*.py")} - {"__init__"}
    assert set(book.NAMES) == files
    for name in book.NAMES:
        recipe = book.get(name.upper())
        assert recipe.name == name == f"{recipe.model}_{recipe.data}"
        assert recipe.gates
        assert "zoo train " + name in (
            __import__(f"recipes.book.{name}", fromlist=["RECIPE"]).__doc__ or ""
        )


def test_the_book_holds_every_model_on_digits_and_every_image_model_on_mnist():
    assert {f"{model}_digits" for model in zoo.list_models()} <= set(book.NAMES)
    images = {f"{model}_mnist" for model in zoo.list_models() if model != "lstm"}
    assert images <= set(book.NAMES)


@pytest.mark.parametrize("name", book.NAMES)
def test_a_recipe_runs_through_the_pipeline(name, out, request):
    recipe = smoke(name)
    data_dir = None
    if recipe.data in DATA_DIR:
        data_dir = request.getfixturevalue("shared_data") / DATA_DIR[recipe.data]
    folder, result = pipeline.run(recipe, out=out, data_dir=data_dir)

    assert folder == out / name
    pictures = {"loss.png", "reconstructions.png"} | ({"samples.png"} & {f"{recipe.model}s.png"})
    if recipe.model == "vae":
        pictures.add("samples.png")
    written = {path.name for path in folder.iterdir()}
    assert written == pictures | {"model.keras", "saved_model", "model.tflite", "result.json"}
    assert all((folder / picture).stat().st_size > 1000 for picture in pictures)
    assert json.loads((folder / "result.json").read_text()) == json.loads(json.dumps(result))
    assert not [path for path in out.iterdir() if path.name.startswith(".")]

    figures = result["figures"]
    assert figures["test_mse_over_mean"] == figures["test_mse"] / figures["test_mse_mean"]
    assert figures["test_mse_pca"] <= figures["test_mse_mean"]
    for entry in result["artefacts"].values():
        assert entry["test_mse"] == pytest.approx(figures["test_mse"], rel=1e-4)
    assert result["data"]["samples"]["train"] == 256
    assert ("kl_nats" in figures) == (recipe.model == "vae")
    assert ("test_mse_noisy" in figures) == (recipe.model == "denoising")


@pytest.fixture
def earlier(out, tmp_path):
    """A folder with artefacts of dense_digits, alone in its parent."""
    if not (out / "dense_digits").is_dir():
        pipeline.run(smoke("dense_digits"), out=out)
    return Path(shutil.copytree(out / "dense_digits", tmp_path / "saved_models/dense_digits"))


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_missed_gate_names_the_figure_and_leaves_earlier_artefacts_untouched(earlier):
    before = contents(earlier.parent)
    recipe = smoke("dense_digits", gates=(Gate("test_mse", at_most=1e-6),))
    with pytest.raises(GateError, match="test_mse at most 1e-06 is missed with 0"):
        pipeline.run(recipe, out=earlier.parent)
    (sentence,) = pipeline.missed_gates(recipe, {"mse": 0.0})
    assert sentence == "test_mse at most 1e-06 has no such figure among mse"
    assert contents(earlier.parent) == before
    assert list(earlier.parent.iterdir()) == [earlier]


def test_an_artefact_that_differs_from_keras_is_never_shown(earlier, monkeypatch):
    before = contents(earlier.parent)
    monkeypatch.setattr(verifying, "TOLERANCE", 0.0)
    # Exactly 0 is out of reach for a file that another runtime runs.
    with pytest.raises(GateError, match=r"model\.tflite: max_difference"):
        pipeline.run(smoke("dense_digits"), out=earlier.parent)
    assert contents(earlier.parent) == before


def test_good_artefacts_replace_earlier_ones(earlier):
    (earlier / "left_over.txt").write_text("from an earlier run")
    pipeline.run(smoke("dense_digits"), out=earlier.parent)
    assert not (earlier / "left_over.txt").exists()
    assert list(earlier.parent.iterdir()) == [earlier]


def test_an_interruption_leaves_nothing_half_written(earlier, monkeypatch):
    before = contents(earlier.parent)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "train", interrupt)
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(smoke("dense_digits"), out=earlier.parent)
    assert contents(earlier.parent) == before
    assert list(earlier.parent.iterdir()) == [earlier]


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path):
    (tmp_path / "dense_digits").mkdir()
    (tmp_path / "dense_digits/thesis.txt").write_text("mine")
    with pytest.raises(zoo.InputError, match=r"holds no result\.json"):
        pipeline.run(smoke("dense_digits"), out=tmp_path)
    assert (tmp_path / "dense_digits/thesis.txt").read_text() == "mine"


def test_verify_passes_on_good_artefacts_and_needs_the_recorded_files(earlier):
    report = pipeline.verify(earlier)
    assert set(report) == {"model.keras", "saved_model", "model.tflite"}

    path = earlier / "model.tflite"
    good = path.read_bytes()
    path.write_bytes(good[:-100])
    with pytest.raises(zoo.InputError, match="not the file that was recorded"):
        pipeline.verify(earlier)
    path.unlink()
    with pytest.raises(zoo.InputError, match=r"model\.tflite is missing"):
        pipeline.verify(earlier)
    path.write_bytes(good)

    result = json.loads((earlier / "result.json").read_text())
    result["artefacts"]["saved_model"]["test_mse"] += 0.001
    (earlier / "result.json").write_text(json.dumps(result))
    with pytest.raises(GateError, match="saved_model: test_mse is"):
        pipeline.verify(earlier)
    (earlier / "result.json").write_text('{"recipe"')
    with pytest.raises(zoo.InputError, match="is damaged"):
        pipeline.verify(earlier)


def test_a_gate_has_bounds_and_refuses_nan():
    assert Gate("mse", at_most=1).holds(1)
    assert not Gate("mse", at_most=1).holds(1.1)
    assert not Gate("kl", at_least=1).holds(0.9)
    assert not Gate("mse", at_most=1).holds(float("nan"))
    assert str(Gate("mse", at_least=0.5, at_most=1)) == "mse at least 0.5 and at most 1"
