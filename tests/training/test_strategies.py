"""Training under a distribution strategy."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import run_python
from training.tiny_recipe import RECIPE

from zoo import training


def test_one_device_has_nothing_to_mirror(digits):
    found = training.train(replace(RECIPE, epochs=1), digits, strategy="mirrored")
    assert found.strategy == {"name": "single", "replicas": 1}


@pytest.mark.slow
def test_mirroring_over_two_devices_equals_one_device_and_takes_any_batch():
    """Two logical CPUs stand in for two GPUs; they can only be set up in a fresh process."""
    code = """
import json
from dataclasses import replace
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from zoo import data
from zoo.recipe import Recipe
from zoo.training import make_strategy, train
digits = data.load("digits", max_samples=129)
results = []
both = ("single", "mirrored")
normalised = {"arguments": {"hidden": (32,), "batch_normalization": True}}
weighted = {
    "arguments": {"likelihood": "bernoulli"},
    "loss": "binary_crossentropy",
    "importance_samples": 100,
    "optimizer": "sgd",  # unlike Adam it tells gradients from twice as large ones
    "learning_rate": 10.0,
}
for model, changes, batch_size, strategies in (
    ("sparse", {}, 128, both),  # its penalty must be split as well
    ("dense", normalised, 128, both),  # statistics of all
    ("dense", {}, 35, ("mirrored",)),
    ("vae", weighted, 128, both),
):
    recipe = Recipe(
        name="tiny", model=model, data="digits", epochs=2, batch_size=batch_size, **changes
    )
    dataset = digits
    if len(strategies) == 2:
        # One batch of all: neither the order nor a sample left out can make a difference.
        dataset = replace(digits, train=digits.train[:128], validation=digits.validation[:128])
    for strategy in strategies:
        trained = train(recipe, dataset, strategy)
        losses = trained.history["val_loss"]
        results.append([trained.strategy["replicas"], trained.batch_size, losses])
        # Keras's other backends would refuse a file that says so.
        assert '"synchronized": true' not in trained.model.to_json()
assert make_strategy("mirrored") is make_strategy("mirrored")
print(json.dumps(results))
"""
    results = run_python(code)
    sizes = [[1, 128], [2, 128], [1, 128], [2, 128], [2, 34], [1, 128], [2, 128]]
    assert [result[:2] for result in results] == sizes
    for single, mirrored in (results[:2], results[2:4]):
        np.testing.assert_allclose(single[2], mirrored[2], rtol=1e-5)
    # Each replica draws codes of its own.
    np.testing.assert_allclose(*(result[2] for result in results[5:]), rtol=0.01)
    assert np.isfinite([result[2] for result in results]).all()
