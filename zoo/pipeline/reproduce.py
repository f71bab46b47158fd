"""Training a published recipe again from another seed, to compare with the published figure."""

import logging
import math
import os
import statistics
import tempfile
from dataclasses import replace
from typing import Any

from scipy import stats

from zoo import evaluation, keras_settings, recipe_book, training, weights
from zoo.argument_checks import check_whole
from zoo.errors import InputError
from zoo.pipeline.trained_folder import load_data
from zoo.recipe import Strategy
from zoo.results.result import read_result

logger = logging.getLogger(__name__)

# How often the interval holds a recipe that is the published one.
CONFIDENCE = 0.95


@keras_settings.defaults()
def reproduce(
    name: str,
    *,
    seed: int | None = None,
    seeds: int = 1,
    strategy: Strategy = "auto",
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> dict[str, Any]:
    """Train a published recipe from other seeds, and compare the figure that it is known by.

    The mean of the new values lies in an interval around the published mean in `CONFIDENCE` of all
    cases, if both are draws of the same training. It is that of Student's t, as the standard
    deviation comes from few seeds.

    Args:
        name: Name of the recipe.
        seed: First seed to train from; None takes the first that the published result did not.
        seeds: How many seeds to train from; their figures are averaged.
        strategy: See `zoo.training.make_strategy`.
        data_dir: Where the data are, see `zoo.data.load`.
        download: Fetch missing data, see `zoo.data.load`.

    Returns:
        The `recipe`, the `seed` and the `values`, one for each seed; the `figure`, its `label`; the
        `value`, their mean, and the published `mean` and `standard_deviation` over `seeds`; their
        `difference`; the `interval` of differences, and whether the difference lies `inside`, None
        where one published seed gives no interval; value and published figure also as text, `text`
        and `published`.

    Raises:
        InputError: No such recipe, none published, one that was trained with other settings, or
            the data are missing or other ones.
    """
    check_whole(1, seeds=seeds)
    recipe = recipe_book.get(name)
    folder = weights.FOLDER / recipe.name
    result = read_result(folder)
    published = result["headline"]
    if not recipe.matches(result["recipe"]):
        raise InputError(
            f"{folder} was trained with other settings than the recipe {recipe.name!r} has now: "
            f"train it again with `zoo train {recipe.name} --out {weights.FOLDER} --overwrite`."
        )
    if seed is None:
        seed = recipe.seed + recipe.restarts
    recipe = replace(recipe, seed=seed, restarts=seeds)
    with tempfile.TemporaryDirectory() as scratch:
        dataset = load_data(folder, result, data_dir=data_dir, download=download, scratch=scratch)
        logger.info("Training %s from %d seed(s), the first %d", recipe.name, seeds, seed)
        models = training.train(recipe, dataset, strategy).models
        logger.info("Evaluating %s", recipe.name)
        values = [
            evaluation.evaluate(model, dataset, result["figures"])[published["figure"]]
            for model in models
            if model
        ]
    value = statistics.fmean(values)
    difference = value - published["mean"]
    reach = half_width(published["standard_deviation"], published["seeds"], len(values))
    return {
        "recipe": recipe.name,
        "seed": seed,
        "figure": published["figure"],
        "label": published["label"],
        "values": values,
        "value": value,
        "text": evaluation.FIGURES[published["figure"]].show(value),
        "published": published["spread"] or published["text"],
        **{key: published[key] for key in ("mean", "standard_deviation", "seeds")},
        "difference": difference,
        "interval": None if reach is None else [-reach, reach],
        "inside": None if reach is None else abs(difference) <= reach,
    }


def half_width(deviation: float | None, published: int, new: int) -> float | None:
    """Return by how much the mean of new seeds may differ from the published mean.

    Args:
        deviation: Standard deviation over the published seeds; None for a single one.
        published: Number of published seeds.
        new: Number of new seeds.

    Returns:
        Half the width of the prediction interval of Student's t; None for a single published seed.
    """
    if deviation is None or published < 2:
        return None
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, published - 1))
    return quantile * deviation * math.sqrt(1 / published + 1 / new)
