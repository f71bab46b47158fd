"""Whether a recipe, its model and its data fit each other."""

import math
from dataclasses import replace

import numpy as np
import pytest

import zoo
from zoo.data.dataset import Dataset
from zoo.recipe import Recipe
from zoo.training.recipe_checks import check_fits

RECIPE = Recipe(name="tiny", model="dense", data="images", epochs=1, batch_size=4)
BERNOULLI = {"model": "vae", "arguments": {"likelihood": "bernoulli"}}
SIGNALS = (12, 2)


def check(changes, shape=(4, 4, 1), value_range=(0.0, 1.0), replicas=1):
    recipe = replace(RECIPE, **changes)
    samples = np.full((8, *shape), 0.5, "float32")
    dataset = Dataset("images", "1", value_range, "none", samples, samples[:5], samples)
    model = zoo.get(recipe.model, input_shape=shape, **recipe.arguments)
    check_fits(recipe, model, dataset, replicas)


@pytest.mark.parametrize(
    "changes",
    [
        {"shift": 1, "flip": True},
        {"loss": "binary_crossentropy"},
        {"model": "vae"},
        {**BERNOULLI, "loss": "binary_crossentropy", "importance_samples": 2},
    ],
    ids=str,
)
def test_what_fits_is_not_refused(changes):
    check(changes)
    check({}, shape=SIGNALS, value_range=(-math.inf, math.inf))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"model": "vae", "loss": "binary_crossentropy"},
            "loss must be mse for the likelihood 'gaussian', but got 'binary_crossentropy'",
        ),
        (BERNOULLI, "loss must be binary_crossentropy for the likelihood 'bernoulli', but got"),
    ],
)
def test_a_variational_model_is_trained_on_its_elbo(changes, message):
    with pytest.raises(zoo.InputError, match=message):
        check(changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "dense", "arguments": {}},
        {"arguments": {}, "loss": "mse"},
        {"arguments": {"likelihood": "bernoulli", "kl_weight": 2.0}},
        {"arguments": {"likelihood": "bernoulli", "kl_warmup_steps": 5}},
    ],
    ids=str,
)
def test_other_bounds_cannot_be_weighted(changes):
    fitting = {**BERNOULLI, "loss": "binary_crossentropy"}
    with pytest.raises(zoo.InputError, match=r"importance_samples must be 1 .* got 2: .*likeli"):
        check({**fitting, **changes, "importance_samples": 2})


@pytest.mark.parametrize("value_range", [(-1.0, 1.0), (0.0, math.inf)])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": "binary_crossentropy"}, "The loss binary_crossentropy needs values on"),
        (BERNOULLI, "The likelihood 'bernoulli' needs values on"),
    ],
)
def test_values_that_leave_0_to_1_need_another_loss(changes, message, value_range):
    with pytest.raises(zoo.InputError, match=message):
        check(changes, value_range=value_range)


@pytest.mark.parametrize("changes", [{"shift": 1}, {"flip": True}])
def test_only_images_are_shifted_or_mirrored(changes):
    advice = r"Only images .* shape \(12, 2\): use --shift 0 --no-flip"
    with pytest.raises(zoo.InputError, match=advice):
        check(changes, shape=SIGNALS)


def test_the_batch_fits_the_data_and_the_replicas():
    with pytest.raises(zoo.InputError, match="batch_size 9 is larger than the training split"):
        check({"batch_size": 9})
    with pytest.raises(zoo.InputError, match="cannot be split over 5 replicas"):
        check({"batch_size": 4}, replicas=5)
    with pytest.raises(zoo.InputError, match="validation split of 5 samples cannot be split"):
        check({"batch_size": 8}, replicas=6)
