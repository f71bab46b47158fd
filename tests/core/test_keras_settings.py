"""Keras's settings of a machine or a program leave the zoo's runs as they are."""

from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

import zoo
from zoo import autoencoder, data, keras_settings, training
from zoo.pipeline.reproduce import reproduce

# Each setting by the function that sets it, and the one that reads it.
SETTINGS = {
    "floatx": ("float64", keras.config.set_floatx, keras.config.floatx),
    "policy": (
        "mixed_bfloat16",
        keras.config.set_dtype_policy,
        lambda: keras.config.dtype_policy().name,
    ),
    "images": (
        "channels_first",
        keras.config.set_image_data_format,
        keras.config.image_data_format,
    ),
    "epsilon": (1e-2, keras.config.set_epsilon, keras.config.epsilon),
    "epochs": (1, keras.config.set_max_epochs, keras.config.max_epochs),
    "steps": (1, keras.config.set_max_steps_per_epoch, keras.config.max_steps_per_epoch),
}
# Layers and a loss that read floatx and epsilon, and layers that read the image data format.
RECIPE = zoo.Recipe(
    name="tiny",
    model="vae",
    data="digits",
    epochs=2,
    arguments={"body": "conv", "filters": (4,), "hidden": (8,), "likelihood": "bernoulli"},
    loss="binary_crossentropy",
    batch_size=32,
    max_samples=64,
)


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", max_samples=64)


@pytest.fixture
def restored():
    """Settings come back after the test."""
    before = {name: read() for name, (_, _, read) in SETTINGS.items()}
    yield
    for name, (_, put, _) in SETTINGS.items():
        put(before[name])


def set_all():
    for value, put, _ in SETTINGS.values():
        put(value)


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_is_keras_s_default_inside_and_back_afterwards(name):
    value, put, read = SETTINGS[name]
    default = read()
    put(value)
    assert read() == value != default
    with keras_settings.defaults():
        assert read() == default
    assert read() == value

    @keras_settings.defaults()
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert read() == value


@pytest.mark.usefixtures("restored")
def test_a_recipe_gives_the_same_model_whatever_is_set(digits):
    expected = training.train(RECIPE, digits)
    set_all()
    with keras_settings.defaults():
        found = training.train(RECIPE, digits)
    assert found.history == expected.history
    for ours, theirs in zip(found.model.weights, expected.model.weights, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


# Each public function of the pipeline, and something that it calls.
CALLS = [
    (lambda: zoo.train("x"), "zoo.recipe_book.get"),
    (lambda: reproduce("x"), "zoo.recipe_book.get"),
    (lambda: zoo.verify("x"), "zoo.pipeline.verify.read_unchanged"),
    (lambda: zoo.export("x"), "zoo.pipeline.export.read_unchanged"),
    (lambda: zoo.evaluate(NO_MODEL, np.ones((2, 2))), "zoo.data.check_shape"),
]
NO_MODEL: Any = SimpleNamespace(sample_shape=(2,))


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize(("call", "inside"), CALLS)
def test_every_public_function_has_keras_s_defaults(call, inside, monkeypatch):
    defaults = {name: read() for name, (_, _, read) in SETTINGS.items()}

    def look(*_, **__):
        assert {name: read() for name, (_, _, read) in SETTINGS.items()} == defaults
        raise ZeroDivisionError

    set_all()
    monkeypatch.setattr(inside, look)
    with pytest.raises(ZeroDivisionError):
        call()


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("policy", ["float64", "mixed_float16"])
def test_a_model_of_another_precision_fits_and_is_evaluated(digits, policy):
    keras.config.set_floatx("float64" if policy == "float64" else "float32")
    keras.config.set_dtype_policy(policy)
    for name, arguments in {"sparse": {"sparsity": "l1"}, "vae": {"kl_warmup_steps": 3}}.items():
        model = zoo.get(name, input_shape=(8, 8, 1), **arguments)
        model.compile("adam", "mse")
        model.fit(digits.train, digits.train, verbose=0)
        assert np.isfinite(model.score(digits.test)).all()
        assert np.isfinite(list(zoo.evaluate(model, digits.test).values())).all()


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("policy", ["float64", "float16", "mixed_bfloat16"])
def test_what_is_exported_of_a_model_of_another_precision_is_float32(policy):
    keras.config.set_dtype_policy(policy)
    model = zoo.get("lstm", input_shape=(4, 2), latent_dim=2, units=3)
    # As `zoo.export` does.
    with keras_settings.defaults():
        copied = autoencoder.copy(model)
    layers = [*copied.encoder.layers, *copied.decoder.layers]
    assert {layer.dtype_policy.name for layer in layers} == {"float32"}
    assert {weight.dtype for weight in copied.weights} == {"float32"}
    assert copied.encoder.layers[2].cell.compute_dtype == "float32"


@pytest.mark.usefixtures("restored")
def test_images_have_their_channels_last_whatever_is_set():
    keras.config.set_image_data_format("channels_first")
    model = zoo.get("conv", input_shape=(8, 6, 1), latent_dim=4, filters=(4,))
    assert model.encoder.layers[1].output.shape == (None, 4, 3, 4)
