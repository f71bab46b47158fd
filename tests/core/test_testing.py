"""`check_model` passes models with codes of any kind, and names the rule that is broken."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import zoo
from zoo.argument_checks import check_input_shape
from zoo.testing import check_model

IMAGE = {3: "(height, width, channels)"}


def spatial(*, input_shape=(8, 8, 1), channels=3):
    """A code that is a map: `(4, 4, 3)` for an image of 8x8."""
    check_input_shape("spatial", input_shape, IMAGE)
    image = keras.Input(input_shape)
    code = layers.Conv2D(channels, 3, 2, padding="same")(image)
    encoder = keras.Model(image, code, name="encoder")
    code_map = keras.Input(code.shape[1:])
    y = layers.Conv2DTranspose(input_shape[-1], 3, 2, padding="same", activation="sigmoid")
    return zoo.Autoencoder.join(
        encoder, keras.Model(code_map, y(code_map), name="decoder"), "spatial"
    )


def sequential(*, input_shape=(8, 8, 1), units=3):
    """A code that is a sequence: a vector for each row."""
    check_input_shape("sequential", input_shape, IMAGE)
    height, width, channels = input_shape
    image = keras.Input(input_shape)
    rows = layers.Reshape((height, width * channels))(image)
    encoder = keras.Model(image, layers.Dense(units)(rows), name="encoder")
    code = keras.Input((height, units))
    rows = layers.Dense(width * channels, activation="sigmoid")(code)
    decoder = keras.Model(code, layers.Reshape(input_shape)(rows), name="decoder")
    return zoo.Autoencoder.join(encoder, decoder, "sequential")


@keras.saving.register_keras_serializable("tests")
class Rounded(layers.Layer):
    """Whole numbers forwards, the identity for gradients."""

    def call(self, inputs):
        return inputs + ops.stop_gradient(ops.round(inputs) - inputs)


def discrete(*, input_shape=(8, 8, 1), latent_dim=6):
    """A code of whole numbers, as floats."""
    check_input_shape("discrete", input_shape, {})
    flat = keras.Input(input_shape)
    code = Rounded()(layers.Dense(latent_dim)(layers.Flatten()(flat)))
    encoder = keras.Model(flat, code, name="encoder")
    given = keras.Input((latent_dim,))
    y = layers.Dense(int(np.prod(input_shape)), activation="sigmoid")(given)
    decoder = keras.Model(given, layers.Reshape(tuple(input_shape))(y), name="decoder")
    return zoo.Autoencoder.join(encoder, decoder, "discrete")


@pytest.mark.parametrize(
    ("builder", "code_shape"), [(spatial, (4, 4, 3)), (sequential, (8, 3)), (discrete, (6,))]
)
def test_a_code_may_have_any_shape(builder, code_shape):
    check_model(builder)
    model = builder()
    assert model.code_shape == code_shape
    assert model.latent_dim == np.prod(code_shape)


def dense(**arguments):
    return zoo.get("dense", latent_dim=4, hidden=(8,), **arguments)


def without_defaults(*, input_shape):
    return dense(input_shape=input_shape)


def positional(input_shape=(8, 8, 1)):
    return dense(input_shape=input_shape)


def other_first(*, latent_dim=3, input_shape=(8, 8, 1)):
    return dense(input_shape=input_shape)


def takes_anything(*, input_shape=(8, 8, 1)):
    return dense(input_shape=(8, 8, 1))


def raises_type_errors(*, input_shape=(8, 8, 1)):
    if len(input_shape) != 3 or None in input_shape:
        raise TypeError("no image")
    return dense(input_shape=input_shape)


def plain(*, input_shape=(8, 8, 1)):
    check_input_shape("plain", input_shape, IMAGE)
    return keras.Sequential([keras.Input(input_shape), layers.Dense(1)])


def compiled(*, input_shape=(8, 8, 1)):
    model = dense(input_shape=input_shape)
    model.compile("adam", "mse")
    return model


def noisy(*, input_shape=(8, 8, 1)):
    model = dense(input_shape=input_shape)
    code = AlwaysNoisy()(model.encoder.output)
    encoder = keras.Model(model.encoder.input, code, name="encoder")
    return zoo.Autoencoder.join(encoder, model.decoder, "noisy")


@keras.saving.register_keras_serializable("tests")
class AlwaysNoisy(layers.Layer):
    def call(self, inputs):
        return inputs + keras.random.normal(ops.shape(inputs))


class Unregistered(layers.Layer):
    def call(self, inputs):
        return inputs


def unsaveable(*, input_shape=(8, 8, 1)):
    model = dense(input_shape=input_shape)
    code = Unregistered()(model.encoder.output)
    encoder = keras.Model(model.encoder.input, code, name="encoder")
    return zoo.Autoencoder.join(encoder, model.decoder, "unsaveable")


def stuck(*, input_shape=(8, 8, 1)):
    model = dense(input_shape=input_shape)
    # No gradient comes through.
    code = Stopped()(model.encoder.output)
    encoder = keras.Model(model.encoder.input, code, name="encoder")
    return zoo.Autoencoder.join(encoder, model.decoder, "stuck")


@keras.saving.register_keras_serializable("tests")
class Stopped(layers.Layer):
    def call(self, inputs):
        return ops.stop_gradient(inputs)


@pytest.mark.parametrize(
    ("builder", "message"),
    [
        (without_defaults, "All arguments of a builder need defaults"),
        (positional, "must be keyword-only"),
        (other_first, "first argument of a builder must be input_shape"),
        (takes_anything, r"takes input_shape=\(\)"),
        (raises_type_errors, "with TypeError: raise zoo.InputError"),
        (plain, "must return a zoo.Autoencoder, but this returns a Sequential"),
        (compiled, "must return an uncompiled model"),
        (noisy, "let noise act in training only|must be its decoder after its encoder"),
        (unsaveable, "register its layers"),
        (stuck, "Every weight must get a gradient"),
    ],
)
def test_a_broken_rule_is_named(builder, message):
    with pytest.raises(AssertionError, match=message):
        check_model(builder)


def test_halves_that_do_not_fit_are_refused():
    model = dense(input_shape=(8, 8, 1))
    other = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=5)
    with pytest.raises(
        zoo.InputError, match=r"codes of shape \(5,\), but the decoder takes \(4,\)"
    ):
        zoo.Autoencoder.join(other.encoder, model.decoder, "mixed")
    with pytest.raises(zoo.InputError, match="named encoder and decoder, but are 'decoder'"):
        zoo.Autoencoder.join(model.decoder, model.encoder, "mixed")
    with pytest.raises(zoo.InputError, match="likelihood must be one of gaussian, bernoulli"):
        zoo.Autoencoder.join(model.encoder, model.decoder, "own", likelihood="poisson")
    wide = zoo.get("dense", input_shape=(9, 8, 1), latent_dim=4)
    with pytest.raises(zoo.InputError, match=r"takes samples of shape \(9, 8, 1\), but"):
        zoo.Autoencoder.join(wide.encoder, model.decoder, "mixed")
