"""The pipeline as a whole: gates that hold, and folders that are whole or untouched."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import zoo
from recipes import book, pipeline, training, verifying
from recipes.recipe import Gate, GateError


def smoke(name, **changes):
    return replace(book.get(name).smoke(), **changes)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with artefacts of dense_digits that took the place of an earlier one."""
    out = tmp_path_factory.mktemp("saved_models")
    target = out / "dense_digits_smoke"
    target.mkdir()
    for name in ("result.json", "left_over.txt"):
        (target / name).write_text("from an earlier run")
    folder, _ = pipeline.run(smoke("dense_digits"), out=out)
    assert folder == target
    return folder


@pytest.fixture
def earlier(trained, tmp_path):
    """A folder with artefacts of dense_digits, alone in its parent."""
    return Path(shutil.copytree(trained, tmp_path / f"saved_models/{trained.name}"))


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


def test_good_artefacts_replace_earlier_ones(trained):
    assert not (trained / "left_over.txt").exists()
    assert json.loads((trained / "result.json").read_text())["figures"]
    assert list(trained.parent.iterdir()) == [trained]


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
    thesis = tmp_path / "dense_digits_smoke/thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("mine")
    with pytest.raises(zoo.InputError, match=r"holds no result\.json"):
        pipeline.run(smoke("dense_digits"), out=tmp_path)
    assert thesis.read_text() == "mine"


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
    result["artefacts"]["saved_model"]["test_mse"] = "low"
    for wrong in (result, {**result, "artefacts": {}}, []):
        (earlier / "result.json").write_text(json.dumps(wrong))
        with pytest.raises(zoo.InputError, match="is no result of this zoo"):
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
