"""Training a published recipe again from another seed, to compare with the published figure."""

import logging
import os
import tempfile
from dataclasses import replace
from typing import Any

from zoo import data, evaluation, recipe_book, training, weights
from zoo.errors import InputError
from zoo.recipe import Strategy
from zoo.results.result import read_result

logger = logging.getLogger(__name__)


def reproduce(
    name: str,
    *,
    seed: int | None = None,
    strategy: Strategy = "auto",
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> dict[str, Any]:
    """Train a published recipe from another seed, and compare the figure that it is known by.

    Args:
        name: Name of the recipe.
        seed: Seed to train from; None takes the first that the published result did not.
        strategy: See `zoo.training.make_strategy`.
        data_dir: Where the data are, see `zoo.data.load`.
        download: Fetch missing data, see `zoo.data.load`.

    Returns:
        The `recipe`, the `seed`, the `figure` and its `label`; its `value`, the published `mean`
        and `standard_deviation` over `seeds`, and the `deviations` between value and mean, in
        standard deviations, None where one seed has no such thing; value and published figure also
        as text, `text` and `published`.

    Raises:
        InputError: No such recipe, none published, one that was trained with other settings, or
            the data are missing.
    """
    recipe = recipe_book.get(name)
    folder = weights.FOLDER / recipe.name
    result = read_result(folder)
    published = result["headline"]
    if not recipe.matches(result["recipe"]):
        raise InputError(
            f"{folder} was trained with other settings than the recipe {recipe.name!r} has now: "
            f"train it again with `zoo train {recipe.name} --out {weights.FOLDER}`."
        )
    if seed is None:
        seed = recipe.seed + recipe.restarts
    recipe = replace(recipe, seed=seed, restarts=1)
    with tempfile.TemporaryDirectory() as scratch:
        dataset = data.for_recipe(recipe, data_dir=data_dir, download=download, scratch=scratch)
        logger.info("Training %s from seed %d", recipe.name, seed)
        model = training.train(recipe, dataset, strategy).model
        value = evaluation.evaluate(model, dataset, result["figures"])[published["figure"]]
    deviation = published["standard_deviation"]
    return {
        "recipe": recipe.name,
        "seed": seed,
        "figure": published["figure"],
        "label": published["label"],
        "value": value,
        "text": evaluation.FIGURES[published["figure"]].show(value),
        "published": published["spread"] or published["text"],
        **{key: published[key] for key in ("mean", "standard_deviation", "seeds")},
        "deviations": abs(value - published["mean"]) / deviation if deviation else None,
    }
