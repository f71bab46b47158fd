"""The validation bound: the loss that training minimises, and what chooses among seeds."""

import math

import keras
import numpy as np
import pytest

import zoo
from zoo.recipe import Recipe
from zoo.training.validation_bound import validation_bound


def build(**arguments):
    keras.utils.set_random_seed(0)
    return zoo.get("vae", input_shape=(6,), latent_dim=2, hidden=(8,), **arguments)


def recipe_of(**changes):
    return Recipe(name="tiny", model="vae", data="mine", epochs=1, **changes)


@pytest.mark.parametrize(
    ("likelihood", "loss"), [("gaussian", "mse"), ("bernoulli", "binary_crossentropy")]
)
def test_it_is_the_mean_of_the_training_loss_over_draws(likelihood, loss, rng):
    model = build(likelihood=likelihood)
    x = rng.random((150, 6)).astype("float32").round()
    losses = []
    for _ in range(300):
        # In training mode codes are drawn.
        y = model(x, training=True)
        losses.append(
            float(keras.ops.mean(keras.losses.get(loss)(x, y))) + float(sum(model.losses))
        )
    found = validation_bound(model, recipe_of(loss=loss), x)
    error = float(3 * np.std(losses) / math.sqrt(10))
    assert found == pytest.approx(np.mean(losses), abs=error)


def test_it_sees_the_width_of_the_code_that_the_validation_loss_does_not(rng):
    model = build()
    x = rng.random((100, 6)).astype("float32")
    before = validation_bound(model, recipe_of(), x)
    kernel, bias = model.encoder.get_layer("log_variance").weights
    kernel.assign(0 * kernel)
    bias.assign(0 * bias + 3)
    assert model.latent is not None
    model.latent.weight = 0.0
    model.compile(loss="mse")
    assert validation_bound(model, recipe_of(), x) > model.evaluate(x, x, verbose=0) * 1.01
    assert before > 0


def test_more_importance_samples_give_a_tighter_bound(rng):
    model = build(likelihood="bernoulli")
    x = rng.random((200, 6)).astype("float32").round()
    options = {"loss": "binary_crossentropy"}
    bounds = [
        validation_bound(model, recipe_of(importance_samples=k, **options), x) for k in (1, 2, 50)
    ]
    assert bounds[0] > bounds[1] > bounds[2]
