"""Training a published recipe again from another seed."""

from dataclasses import replace

import pytest

import zoo
from zoo import recipe_book, weights
from zoo.pipeline.reproduce import reproduce
from zoo.results.result import read_result


def smoke(name, **changes):
    return replace(recipe_book.get(name).smoke(), **changes)


def test_a_published_recipe_is_reproduced_from_another_seed(trained, monkeypatch):
    recipe = smoke("dense_digits", restarts=2)
    monkeypatch.setattr(weights, "FOLDER", trained.parent)
    monkeypatch.setattr(recipe_book, "get", lambda _: recipe)
    found = reproduce("dense_digits")
    assert found["seed"] == recipe.restarts == found["seeds"] == 2
    assert found["published"] == read_result(trained)["headline"]["spread"]
    difference = abs(found["value"] - found["mean"])
    assert found["deviations"] == pytest.approx(difference / found["standard_deviation"])
    runs = read_result(trained)["runs"]
    same = reproduce("dense_digits", seed=1)
    assert same["value"] == pytest.approx(runs[1]["figures"]["test_mse"], rel=1e-4)
    monkeypatch.setattr(recipe_book, "get", lambda _: replace(recipe, epochs=3))
    with pytest.raises(
        zoo.InputError,
        match="trained with other settings than the recipe 'dense_digits_smoke' has now",
    ):
        reproduce("dense_digits")
