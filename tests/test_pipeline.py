"""The pipeline as a whole: gates that hold, and folders that are whole or untouched."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import zoo
from recipes import (
    book,
    data,
    fresh_process,
    pipeline,
    published,
    recording,
    reproducing,
    splitting,
    training,
    verifying,
)
from recipes.output_folder import unfinished_beside
from recipes.recipe import Gate, GateError
from zoo import weights

CALIBRATES = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")


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
    recipe = smoke("dense_digits", restarts=2)
    folder, _ = pipeline.run(recipe, out=out, variants=["fp32", "int8"])
    assert folder == target
    return folder


@pytest.fixture
def earlier(trained, tmp_path):
    """A folder with artefacts of dense_digits, alone in its parent."""
    return Path(shutil.copytree(trained, tmp_path / f"saved_models/{trained.name}"))


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_data_too_large_for_memory_stay_in_a_file_that_goes_with_the_run(
    tmp_path, monkeypatch, rng
):
    monkeypatch.setattr(splitting, "BYTES_IN_MEMORY", 100_000)
    np.save(tmp_path / "mine.npy", rng.integers(0, 256, (2000, 8, 8, 1), "uint8"))
    seen = []
    train = training.train

    def watched(recipe, dataset, *arguments):
        seen.append(dataset)
        assert Path(dataset.train.filename).exists()
        return train(recipe, dataset, *arguments)

    monkeypatch.setattr(training, "train", watched)
    recipe = replace(book.get("dense_digits").on(str(tmp_path / "mine.npy")), epochs=1, restarts=1)
    assert recipe.name == "dense_digits_on_mine"
    # Training and evaluation are done when it is missed.
    missed = replace(recipe, gates=(Gate("test_mse", at_most=0),))
    with pytest.raises(GateError, match="test_mse at most 0 is missed"):
        pipeline.run(missed, out=tmp_path / "out", variants=["fp32"])
    splits = seen[0].train, seen[0].validation, seen[0].test
    assert [len(split) for split in splits] == [1440, 160, 400]
    assert [type(split) for split in (seen[0].train, seen[0].test)] == [np.memmap, np.memmap]
    assert not Path(seen[0].train.filename).parent.exists()


def test_a_missed_gate_names_the_figure_and_leaves_earlier_artefacts_untouched(earlier):
    before = contents(earlier.parent)
    recipe = smoke("dense_digits", gates=(Gate("test_mse", at_most=1e-6),))
    with pytest.raises(GateError, match="test_mse at most 1e-06 is missed with 0"):
        pipeline.run(recipe, out=earlier.parent)
    (sentence,) = pipeline.missed_gates(recipe, {"mse": 0.0})
    assert sentence == "test_mse at most 1e-06 has no such figure among mse"
    assert contents(earlier.parent) == before
    assert list(earlier.parent.iterdir()) == [earlier]


@pytest.mark.usefixtures("in_this_process")
def test_an_artefact_that_differs_from_keras_is_never_shown_but_training_is_kept(
    earlier, monkeypatch
):
    before = contents(earlier)
    with monkeypatch.context() as patched:
        patched.setattr(verifying, "TOLERANCE", 0.0)
        # Exactly 0 is out of reach for a file that another runtime runs.
        with pytest.raises(GateError, match=r"model\.tflite: max_difference"):
            pipeline.run(smoke("dense_digits"), out=earlier.parent, variants=["fp32"])
    assert contents(earlier) == before
    monkeypatch.setattr(training, "_train_once", None)
    _, result = pipeline.run(smoke("dense_digits"), out=earlier.parent, variants=["fp32"])
    assert result["runs"][0]["stopped"] == "epochs"
    assert list(earlier.parent.iterdir()) == [earlier]


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
        pipeline.run(smoke("dense_digits"), out=earlier.parent, variants=["fp32"])
    assert contents(earlier.parent) == before
    assert list(earlier.parent.iterdir()) == [earlier]


def test_seeds_that_were_trained_before_an_interruption_are_not_trained_again(
    tmp_path, monkeypatch
):
    recipe = smoke("dense_digits", restarts=2)
    dataset = data.load("digits", max_samples=recipe.max_samples)
    expected = training.train(recipe, dataset)
    train_once, seeds = training._train_once, []

    def interrupted_at_the_second(*arguments):
        seeds.append(arguments[-1])
        if len(seeds) == 2:
            raise KeyboardInterrupt
        return train_once(*arguments)

    monkeypatch.setattr(training, "_train_once", interrupted_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        training.train(recipe, dataset, unfinished=tmp_path / "unfinished")
    trained = training.train(recipe, dataset, unfinished=tmp_path / "unfinished")
    assert seeds == [0, 1, 1]
    for run, same in zip(trained.runs, expected.runs, strict=True):
        assert {**run, "seconds": 0} == {**same, "seconds": 0}
    x = dataset.test
    y = expected.model.predict(x, verbose=0)
    np.testing.assert_array_equal(trained.model.predict(x, verbose=0), y)


def test_what_is_unfinished_outlives_an_interruption_but_no_bad_input(tmp_path):
    def leave(task, error):
        with unfinished_beside(tmp_path / "dense_digits", task) as folder:
            folder.mkdir(exist_ok=True)
            if error:
                raise error

    with pytest.raises(KeyboardInterrupt):
        leave({"epochs": 1}, KeyboardInterrupt())
    (kept,) = tmp_path.iterdir()
    # Another task has a folder of its own, and a task that is done has none.
    leave({"epochs": 2}, None)
    assert list(tmp_path.iterdir()) == [kept]
    with pytest.raises(zoo.InputError):
        leave({"epochs": 1}, zoo.InputError("No."))
    assert list(tmp_path.iterdir()) == []


def test_a_published_recipe_is_reproduced_from_another_seed(trained, monkeypatch):
    recipe = smoke("dense_digits", restarts=2)
    monkeypatch.setattr(weights, "FOLDER", trained.parent)
    monkeypatch.setattr(book, "get", lambda _: recipe)
    found = reproducing.reproduce("dense_digits")
    assert found["seed"] == recipe.restarts == found["seeds"] == 2
    assert found["published"] == recording.read_result(trained)["headline"]["spread"]
    difference = abs(found["value"] - found["mean"])
    assert found["deviations"] == pytest.approx(difference / found["standard_deviation"])
    runs = recording.read_result(trained)["runs"]
    same = reproducing.reproduce("dense_digits", seed=1)
    assert same["value"] == pytest.approx(runs[1]["figures"]["test_mse"], rel=1e-4)
    monkeypatch.setattr(book, "get", lambda _: replace(recipe, epochs=3))
    with pytest.raises(zoo.InputError, match="not of the recipe 'dense_digits_smoke' as it"):
        reproducing.reproduce("dense_digits")


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path):
    thesis = tmp_path / "dense_digits_smoke/thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("mine")
    with pytest.raises(zoo.InputError, match=r"holds no result\.json"):
        pipeline.run(smoke("dense_digits"), out=tmp_path)
    assert thesis.read_text() == "mine"


def test_verify_passes_on_good_artefacts_and_needs_the_recorded_files(earlier):
    report = published.verify(earlier)
    assert list(report) == ["model.keras", "saved_model", "model.tflite", "model_int8.tflite"]

    for name in ("model.tflite", "model_int8.tflite"):
        path = earlier / name
        good = path.read_bytes()
        path.write_bytes(good[:-100])
        with pytest.raises(zoo.InputError, match="not the file that was recorded"):
            published.verify(earlier)
        path.unlink()
        with pytest.raises(zoo.InputError, match=f"{name} is missing"):
            published.verify(earlier)
        path.write_bytes(good)

    result = json.loads((earlier / "result.json").read_text())
    result["artefacts"]["model_int8.tflite"]["test_mse"] += 0.001
    (earlier / "result.json").write_text(json.dumps(result))
    result["figures"]["linear_probe"] -= 0.01
    (earlier / "result.json").write_text(json.dumps(result))
    with pytest.raises(GateError, match=r"linear_probe is 0\.\d+, but .*int8\.tflite: test_mse"):
        published.verify(earlier)
    result["artefacts"]["saved_model"]["test_mse"] = "low"
    for wrong in (result, {**result, "artefacts": {}}, []):
        (earlier / "result.json").write_text(json.dumps(wrong))
        with pytest.raises(zoo.InputError, match="is no result of this zoo"):
            published.verify(earlier)
    (earlier / "result.json").write_text('{"recipe"')
    with pytest.raises(zoo.InputError, match="is damaged"):
        published.verify(earlier)


@CALIBRATES
@pytest.mark.usefixtures("in_this_process")
def test_export_adds_files_with_their_figures_and_leaves_the_others(earlier, monkeypatch):
    # It is written anew, from the new result.
    (earlier / "README.md").unlink()
    before = contents(earlier)
    report = published.export(
        earlier, variants=["int8"], int8_io=True, threshold_quantile=0.9, c_arrays=True
    )
    assert list(report) == ["model_int8.tflite"]
    changed = {path for path, content in contents(earlier).items() if before.get(path) != content}
    names = {path.name for path in changed}
    assert names == {"model_int8.tflite", "model_int8.h", "result.json", "README.md"}
    size = f"{report['model_int8.tflite']['bytes']:,}"
    assert f"| `model_int8.tflite` | {size} |" in (earlier / "README.md").read_text()
    model = zoo.edge.load(earlier / "model_int8.tflite")
    assert model.metadata["values"]["x"]["dtype"] == "int8"
    figures = model.metadata["figures"]
    assert figures["test_mse"] == report["model_int8.tflite"]["test_mse"]
    dataset = data.load("digits", max_samples=256)
    scores = model.score(dataset.validation)
    assert model.threshold == pytest.approx(np.quantile(scores, 0.9), rel=1e-6)
    assert 0.05 < (scores > model.threshold).mean() < 0.15
    assert "model_int8.tflite" in published.verify(earlier)
    # A header of an earlier file does not outlive it; the folder may be the current one.
    monkeypatch.chdir(earlier)
    published.export(".", variants=["int8"], per_channel=True)
    assert not (earlier / "model_int8.h").exists()
    model = zoo.edge.load(earlier / "model_int8.tflite")
    assert model.metadata["recipe"]["per_channel"] is True
    assert [path.name for path in earlier.parent.iterdir()] == [earlier.name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variants": ["fused"]}, "A dense model has no variant 'fused': choose of fp32, fp16"),
        ({"variants": ["fp32"], "int8_io": True}, "Only int8 variants have int8_io"),
        ({"only": "score"}, "only must be one of reconstruct, encode, decode, but got 'score'"),
        ({"threshold_quantile": 1.0}, "threshold_quantile must lie between 0 and 1, but got 1.0"),
        ({"threshold_quantile": 0.9, "only": "encode"}, "offers only encode has no scores"),
    ],
)
def test_export_refuses_what_makes_no_sense(earlier, arguments, message):
    with pytest.raises(zoo.InputError, match=message):
        published.export(earlier, **arguments)


def test_an_export_that_fails_leaves_the_folder_as_it_was(earlier, monkeypatch):
    before = contents(earlier)
    monkeypatch.setattr(fresh_process, "run", lambda *_, **__: (-11, ""))
    with pytest.raises(GateError, match=r"model\.tflite could not be converted \(signal 11\)"):
        published.export(earlier, variants=["fp32"])
    assert contents(earlier) == before
    assert list(earlier.parent.iterdir()) == [earlier]
    monkeypatch.setattr(training, "train", None)  # neither takes a training to find out
    for variants, message in (
        (["int8"], "variants must hold fp32, but got int8"),
        (["fp32", "fused"], "A dense model has no variant 'fused'"),
    ):
        with pytest.raises(zoo.InputError, match=message):
            pipeline.run(smoke("dense_digits"), out=earlier.parent, variants=variants)


def test_a_gate_has_bounds_and_refuses_nan():
    assert Gate("mse", at_most=1).holds(1)
    assert not Gate("mse", at_most=1).holds(1.1)
    assert not Gate("kl", at_least=1).holds(0.9)
    assert not Gate("mse", at_most=1).holds(float("nan"))
    assert str(Gate("mse", at_least=0.5, at_most=1)) == "mse at least 0.5 and at most 1"
