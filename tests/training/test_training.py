"""Training: optimisers, schedules, stopping, restarts and distribution."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
from conftest import run_python

import zoo
from zoo import data, training
from zoo.recipe import Recipe
from zoo.training import compiled_steps, fitting
from zoo.training.optimizers import make_optimizer

RECIPE = Recipe(
    name="tiny",
    model="dense",
    data="digits",
    epochs=3,
    arguments={"latent_dim": 4, "hidden": (16,)},
    batch_size=32,
)


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", max_samples=256)


def train(dataset, **changes):
    return training.train(replace(RECIPE, **changes), dataset)


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


def test_training_is_repeatable(digits):
    first, second = train(digits), train(digits)
    assert first.history == second.history
    x = digits.test
    np.testing.assert_array_equal(first.model.predict(x), second.model.predict(x))


def test_training_stops_at_the_target(digits):
    free = train(digits, epochs=12)
    target = free.history["val_mse"][4]
    stopped = train(digits, epochs=12, target=target)
    assert stopped.runs[0]["stopped"] == "target"
    assert stopped.runs[0]["epochs"] == 5
    assert stopped.runs[0]["val_mse"] <= target
    assert free.runs[0]["stopped"] == "epochs"


def test_the_weights_that_reach_the_target_are_kept_with_early_stopping_too(digits):
    # Trained with next to no KL the error falls and the full loss rises: its best is an early one.
    arguments = {"latent_dim": 4, "hidden": (16,), "kl_warmup_steps": 9999, "kl_weight": 10}
    changes = {"model": "vae", "arguments": arguments, "learning_rate": 0.01}
    free = train(digits, epochs=6, **changes).history
    assert int(np.argmin(free["val_loss"])) < int(np.argmin(free["val_mse"]))
    target = min(free["val_mse"])
    trained = train(digits, epochs=6, patience=6, target=target, **changes)
    (run,) = trained.runs
    assert run["stopped"] == "target"
    assert run["kept_epoch"] == run["epochs"]
    x = digits.validation
    error = float(np.mean((trained.model.predict(x, verbose=0) - x) ** 2))
    assert error == pytest.approx(run["val_mse"], rel=1e-3) == target


def test_a_batch_normalised_model_keeps_its_moving_statistics(digits):
    arguments = {"latent_dim": 4, "hidden": (16,), "batch_normalization": True}
    trained = train(digits, epochs=6, learning_rate=0.05, arguments=arguments)
    # Validation ran on them; they began at 0 and 1.
    x = digits.validation
    error = float(np.mean((trained.model.predict(x, verbose=0) - x) ** 2))
    # Weights are rounded to 11 bits in the end.
    assert error == pytest.approx(trained.runs[0]["val_mse"], rel=1e-3)


def test_early_stopping_gives_back_the_best_weights(digits):
    # A rate this high overshoots: the best epoch is not the last.
    trained = train(digits, epochs=60, patience=3, learning_rate=0.05)
    (run,) = trained.runs
    assert run["stopped"] == "patience"
    assert run["kept_epoch"] == int(np.argmin(trained.history["val_loss"])) + 1 < run["epochs"]
    x = digits.validation
    error = float(np.mean((trained.model.predict(x, verbose=0) - x) ** 2))
    assert error == pytest.approx(run["val_mse"], rel=1e-3)


def test_restarts_keep_the_best_by_validation(digits):
    trained = train(digits, restarts=3, seed=5)
    assert [run["seed"] for run in trained.runs] == [5, 6, 7]
    losses = [run["val_loss"] for run in trained.runs]
    assert len(set(losses)) == 3
    assert trained.chosen == int(np.argmin(losses))
    x = digits.validation
    error = float(np.mean((trained.model.predict(x, verbose=0) - x) ** 2))
    assert error == pytest.approx(min(losses), rel=1e-3)
    assert trained.history["val_loss"][-1] == min(losses)


def test_a_restart_that_diverges_is_recorded_and_never_chosen(digits, monkeypatch):
    rates = iter([1e6, 0.1])
    monkeypatch.setattr(
        fitting,
        "make_optimizer",
        lambda recipe, steps: make_optimizer(replace(recipe, learning_rate=next(rates)), steps),
    )
    linear = {"activation": "linear", "output_activation": "linear"}
    trained = train(digits, optimizer="sgd", epochs=5, restarts=2, arguments=linear)
    assert [run["stopped"] for run in trained.runs] == ["diverged", "epochs"]
    assert trained.runs[0]["val_loss"] is None
    assert trained.runs[0]["epochs"] < 5
    assert trained.chosen == 1
    assert np.isfinite(trained.history["val_loss"]).all()


def test_a_denoising_model_is_validated_on_corrupted_inputs(digits):
    trained = train(digits, model="denoising", arguments={"strength": 1.0})
    x = digits.validation
    noisy = trained.model.corrupt(x)
    assert float(np.std(noisy - x)) == pytest.approx(1, rel=0.05)
    np.testing.assert_array_equal(trained.model.corrupt(x), noisy)
    error = float(np.mean((trained.model.predict(noisy, verbose=0) - x) ** 2))
    assert trained.runs[0]["val_mse"] == pytest.approx(error, rel=1e-4)


# With and without XLA, and an LSTM in parts.
@pytest.mark.parametrize(
    ("model", "precision", "xla_steps"),
    [
        ("dense", "mixed_float16", compiled_steps.XLA_STEPS),
        ("lstm", "mixed_float16", 0),
        ("vae", "mixed_bfloat16", 0),
    ],
)
def test_mixed_precision_trains_as_well_and_hands_on_a_float32_model(
    digits, model, precision, xla_steps, monkeypatch
):
    monkeypatch.setattr(compiled_steps, "XLA_STEPS", xla_steps)
    policies = []
    fit = keras.Model.fit

    def watched(self, *arguments, **options):
        policies.append(self.encoder.layers[-1].compute_dtype)
        return fit(self, *arguments, **options)

    monkeypatch.setattr(zoo.Autoencoder, "fit", watched)
    arguments = {"latent_dim": 4} | ({"units": 8} if model == "lstm" else {"hidden": (16,)})
    recipe = replace(RECIPE, model=model, arguments=arguments, epochs=4, learning_rate=0.01)
    mixed = training.train(recipe, digits, precision=precision)
    exact = training.train(recipe, digits)
    assert policies == [precision.removeprefix("mixed_"), "float32"]
    assert mixed.history["loss"][-1] == pytest.approx(exact.history["loss"][-1], rel=0.1)
    assert mixed.history["loss"][-1] < 0.9 * mixed.history["loss"][0]
    assert {layer.compute_dtype for layer in mixed.model.encoder.layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"


def test_a_precision_that_does_not_exist_is_refused(digits):
    with pytest.raises(zoo.InputError, match=r"precision must be one of float32, .* got 'half'"):
        training.train(RECIPE, digits, precision="half")  # type: ignore[arg-type]


def test_the_trained_model_carries_no_optimiser(digits):
    model = train(digits, epochs=1).model
    assert isinstance(model, zoo.Autoencoder)
    assert not model.compiled


def test_bad_combinations_of_recipe_and_data_are_refused(digits):
    with pytest.raises(zoo.InputError, match="batch_size 257 is larger than the training split"):
        train(digits, batch_size=257)
    unbounded = replace(digits, value_range=(-1.0, 1.0))
    with pytest.raises(zoo.InputError, match=r"binary_crossentropy needs values on \[0, 1\]"):
        train(unbounded, loss="binary_crossentropy")
    with pytest.raises(zoo.InputError, match="has no argument 'code'"):
        train(digits, arguments={"code": 3})
    nonsense: Any = "all"
    with pytest.raises(zoo.InputError, match="strategy must be one of"):
        training.train(RECIPE, digits, strategy=nonsense)
    arguments = {"activation": "linear", "output_activation": "linear"}
    advice = r"Lower the learning rate \(now 1e\+06\), or scale the data, .* from 0 to 1\."
    with pytest.raises(zoo.InputError, match=advice):
        train(digits, optimizer="sgd", learning_rate=1e6, epochs=5, arguments=arguments)
    # The weights become NaN, which ReLU hides from the loss.
    with pytest.raises(zoo.InputError, match="Lower the learning rate"):
        train(digits, learning_rate=1e30, arguments={})


def test_one_device_has_nothing_to_mirror(digits):
    found = training.train(replace(RECIPE, epochs=1), digits, strategy="mirrored")
    assert found.strategy == {"name": "single", "replicas": 1}


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
    ("vae", {}, 35, ("mirrored",)),
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
