"""The recipe: its fields are checked when it is made."""

from dataclasses import replace

import pytest

import zoo
from zoo.recipe import Recipe

RECIPE = Recipe(
    name="tiny",
    model="dense",
    data="digits",
    epochs=3,
    arguments={"latent_dim": 4, "hidden": (16,)},
    batch_size=32,
)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs must be greater than or equal to 1, but got 0"),
        ({"epochs": 1.5}, "epochs must be a valid integer, but got 1.5"),
        ({"batch_size": 0}, "batch_size must be greater than or equal to 1"),
        ({"restarts": 0}, "restarts must be greater than or equal to 1"),
        ({"learning_rate": -1.0}, "learning_rate must be greater than 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be a finite number"),
        ({"weight_decay": -1.0}, "weight_decay must be greater than or equal to 0"),
        ({"noise": -0.1}, "noise must be greater than or equal to 0"),
        ({"importance_samples": 0}, "importance_samples must be greater than or equal to 1"),
        ({"optimizer": "adamw"}, "optimizer must be 'adam', 'sgd' or 'rmsprop', but got 'adamw'"),
        ({"schedule": "step"}, "schedule must be 'constant', 'cosine' or 'exponential'"),
        ({"loss": "mae"}, "loss must be 'mse' or 'binary_crossentropy'"),
        ({"model": "vea"}, "did you mean 'vae'"),
        ({"target": -0.1}, "target must be greater than or equal to 0"),
        ({"arguments": {"input_shape": (8, 8, 1)}}, "The data decide input_shape"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(changes, message):
    with pytest.raises(zoo.InputError, match=message):
        replace(RECIPE, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 2**32}, "seed must be"),
        ({"seed": 2**32 - 1, "restarts": 2}, "seed must be at most"),
        ({"epochs": 99999999999999999999}, "epochs must be"),
        ({"batch_size": 2**40}, "batch_size must be"),
        ({"arguments": {"hidden": {128, 64}}}, "hidden must be made of"),
        ({"arguments": {"latent_dim": 1j}}, "latent_dim must be made of"),
        ({"arguments": {"kl_weight": float("nan")}}, "kl_weight must be made of"),
    ],
)
def test_values_that_no_run_can_take_are_refused_when_a_recipe_is_made(changes, message):
    plain = {"name": "mine", "model": "dense", "data": "digits", "epochs": 1, **changes}
    with pytest.raises(zoo.InputError, match=message):
        zoo.Recipe(**plain)
