"""`zoo.train`: gates that hold, and folders that are whole or untouched."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo import data, recipe_book, training
from zoo.data import splitting
from zoo.errors import GateError
from zoo.evaluation.recipe_figures import missed_gates
from zoo.exporting import verifying
from zoo.quality_gate import Gate
from zoo.training import restarts


def smoke(name, **changes):
    return replace(recipe_book.get(name).smoke(), **changes)


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
    recipe = replace(
        recipe_book.get("dense_digits").on(str(tmp_path / "mine.npy")), epochs=1, restarts=1
    )
    assert recipe.name == "dense_digits_on_mine"
    # Training and evaluation are done when it is missed.
    missed = replace(recipe, gates=(Gate("test_mse", at_most=0),))
    with pytest.raises(GateError, match="test_mse at most 0 is missed"):
        zoo.train(missed, out=tmp_path / "out", variants=["fp32"])
    splits = seen[0].train, seen[0].validation, seen[0].test
    assert [len(split) for split in splits] == [1440, 160, 400]
    assert [type(split) for split in (seen[0].train, seen[0].test)] == [np.memmap, np.memmap]
    assert not Path(seen[0].train.filename).parent.exists()


def test_a_missed_gate_names_the_figure_and_leaves_earlier_artefacts_untouched(earlier):
    before = contents(earlier.parent)
    recipe = smoke("dense_digits", gates=(Gate("test_mse", at_most=1e-6),))
    with pytest.raises(GateError, match="test_mse at most 1e-06 is missed with 0"):
        zoo.train(recipe, out=earlier.parent)
    (sentence,) = missed_gates(recipe, {"mse": 0.0})
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
            zoo.train(smoke("dense_digits"), out=earlier.parent, variants=["fp32"])
    assert contents(earlier) == before
    monkeypatch.setattr(restarts, "fit", None)
    result = zoo.train(smoke("dense_digits"), out=earlier.parent, variants=["fp32"]).result
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
        zoo.train(smoke("dense_digits"), out=earlier.parent, variants=["fp32"])
    assert contents(earlier.parent) == before
    assert list(earlier.parent.iterdir()) == [earlier]


def test_seeds_that_were_trained_before_an_interruption_are_not_trained_again(
    tmp_path, monkeypatch
):
    recipe = smoke("dense_digits", restarts=2)
    dataset = data.load("digits", max_samples=recipe.max_samples)
    expected = training.train(recipe, dataset)
    fit, seeds = restarts.fit, []

    def interrupted_at_the_second(*arguments):
        seeds.append(arguments[-1])
        if len(seeds) == 2:
            raise KeyboardInterrupt
        return fit(*arguments)

    monkeypatch.setattr(restarts, "fit", interrupted_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        training.train(recipe, dataset, unfinished=tmp_path / "unfinished")
    trained = training.train(recipe, dataset, unfinished=tmp_path / "unfinished")
    assert seeds == [0, 1, 1]
    for run, same in zip(trained.runs, expected.runs, strict=True):
        assert {**run, "seconds": 0} == {**same, "seconds": 0}
    x = dataset.test
    y = expected.model.predict(x, verbose=0)
    np.testing.assert_array_equal(trained.model.predict(x, verbose=0), y)


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path):
    thesis = tmp_path / "dense_digits_smoke/thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("mine")
    with pytest.raises(zoo.InputError, match=r"holds no result\.json"):
        zoo.train(smoke("dense_digits"), out=tmp_path)
    assert thesis.read_text() == "mine"


def test_a_gate_has_bounds_and_refuses_nan():
    assert Gate("mse", at_most=1).holds(1)
    assert not Gate("mse", at_most=1).holds(1.1)
    assert not Gate("kl", at_least=1).holds(0.9)
    assert not Gate("mse", at_most=1).holds(float("nan"))
    assert str(Gate("mse", at_least=0.5, at_most=1)) == "mse at least 0.5 and at most 1"
