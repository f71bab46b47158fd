"""Optimisers, their schedules and weight decay."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from training.tiny_recipe import RECIPE, train

from zoo.training.optimizers import make_optimizer


@pytest.mark.parametrize(
    ("optimizer", "learning_rate", "schedule"),
    [
        ("adam", 1e-3, "constant"),
        ("sgd", 0.5, "cosine"),
        ("rmsprop", 1e-3, "exponential"),
    ],
)
def test_optimisers_and_schedules_lower_the_loss(digits, optimizer, learning_rate, schedule):
    trained = train(
        digits, optimizer=optimizer, learning_rate=learning_rate, schedule=schedule, epochs=6
    )
    assert trained.history["loss"][-1] < trained.history["loss"][0]


def test_schedules_start_at_the_rate_and_end_where_they_say():
    final = {"constant": 0.1, "cosine": 0.0, "exponential": 0.001}
    for schedule, end in final.items():
        recipe = replace(RECIPE, schedule=schedule, learning_rate=0.1, epochs=5)
        optimizer = make_optimizer(recipe, steps_per_epoch=8)
        assert float(optimizer.learning_rate) == pytest.approx(0.1)
        optimizer.iterations.assign(40)
        assert float(optimizer.learning_rate) == pytest.approx(end, abs=1e-8)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_weight_decay_takes_its_share_of_kernels_alone(optimizer):
    recipe = replace(RECIPE, optimizer=optimizer, learning_rate=0.1, weight_decay=0.2)
    layers = [keras.layers.Dense(2, bias_initializer="ones"), keras.layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((3,)), *layers])
    kernel, bias, gamma, beta = model.trainable_variables
    before = keras.ops.convert_to_numpy(kernel)
    gradients = [keras.ops.zeros_like(weight) for weight in model.trainable_variables]
    make_optimizer(recipe, 8).apply(gradients, model.trainable_variables)
    np.testing.assert_allclose(kernel.numpy(), before * (1 - 0.1 * 0.2), rtol=1e-6)
    for weight, value in ((bias, 1), (gamma, 1), (beta, 0)):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_sgd_has_momentum():
    optimizer = make_optimizer(replace(RECIPE, optimizer="sgd"), 8)
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert optimizer.momentum == 0.9
