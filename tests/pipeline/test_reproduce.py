"""Training a published recipe again from another seed."""

from dataclasses import replace

import pytest

import zoo
from zoo import recipe_book, weights
from zoo.pipeline.reproduce import half_width, reproduce
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
    assert found["difference"] == found["value"] - found["mean"]
    low, high = found["interval"]
    assert found["inside"] == (low <= found["difference"] <= high)
    runs = read_result(trained)["runs"]
    same = reproduce("dense_digits", seed=1)
    assert same["value"] == pytest.approx(runs[1]["figures"]["test_mse"], rel=1e-4)
    monkeypatch.setattr(recipe_book, "get", lambda _: replace(recipe, epochs=3))
    with pytest.raises(
        zoo.InputError,
        match="trained with other settings than the recipe 'dense_digits_smoke' has now",
    ):
        reproduce("dense_digits")


@pytest.mark.parametrize(
    ("published", "new", "deviations"),
    # 2.776 and 4.303 are Student's t for 4 and 2 degrees of freedom.
    [(3, 1, 4.303 * (4 / 3) ** 0.5), (3, 10, 4.303 * (13 / 30) ** 0.5), (5, 5, 2.776 * 0.4**0.5)],
)
def test_the_interval_is_that_of_student_s_t(published, new, deviations):
    assert half_width(2.0, published, new) == pytest.approx(2 * deviations, rel=1e-3)


def test_a_single_published_seed_gives_no_interval():
    assert half_width(None, 1, 5) is None
