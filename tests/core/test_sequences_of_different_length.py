"""Sequences of different length are refused wherever they come in, with what to do instead."""

import keras
import numpy as np
import pytest
from keras import layers

import zoo
from zoo import data

ADVICE = "cut sequences of different length into windows of equal length"
SHAPE = (5, 2)


def padded():
    x = np.zeros((6, *SHAPE), "float32")
    x[2, 3:] = np.nan
    return x


def ragged():
    return [np.zeros((3 if i == 2 else 5, 2), "float32") for i in range(6)]


def objects():
    found = np.empty(6, object)
    found[:] = ragged()
    return found


@pytest.fixture(scope="module")
def model():
    model = zoo.get("lstm", input_shape=SHAPE, latent_dim=2, units=2)
    model.compile("adam", "mse")
    return model


@pytest.mark.parametrize("make", [padded, ragged, objects])
def test_arrays_are_refused_wherever_they_come_in(model, make, tmp_path):
    x, whole = make(), np.zeros((6, *SHAPE), "float32")
    doors = [
        lambda: model.fit(x, verbose=0),
        lambda: model.score(x),
        lambda: data.from_arrays(x, whole, whole),
        lambda: data.from_arrays(whole, whole, x),
        lambda: zoo.export(model, tmp_path / "never", calibration=x),
    ]
    for door in doors:
        with pytest.raises(zoo.InputError, match=ADVICE):
            door()


@pytest.mark.parametrize("make", [padded, objects])
def test_files_are_refused(make, tmp_path):
    np.save(tmp_path / "x.npy", make())
    with pytest.raises(zoo.InputError, match=ADVICE):
        data.load(str(tmp_path / "x.npy"))


class Own(layers.Layer):
    """A layer of a user's own that makes a mask."""

    def compute_mask(self, inputs, previous=None):
        return keras.ops.any(inputs != 0, axis=-1)

    def call(self, inputs):
        return inputs


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        (SHAPE, layers.Masking()),
        (SHAPE, Own()),
        ((5,), layers.Embedding(9, 2, mask_zero=True)),
    ],
    ids=str,
)
def test_layers_that_mask_steps_are_refused_by_name(shape, layer):
    inputs, code = keras.Input(shape), keras.Input((2,))
    encoder = keras.Model(inputs, layers.LSTM(2)(layer(inputs)), name="encoder")
    y = layers.Reshape(shape)(layers.Dense(int(np.prod(shape)))(code))
    decoder = keras.Model(code, y, name="decoder")
    with pytest.raises(zoo.InputError, match=f"{layer.name!r}.* masks steps, .*{ADVICE}"):
        zoo.Autoencoder.join(encoder, decoder, name="masked")


def test_masks_in_a_model_within_the_encoder_are_found():
    inner_input = keras.Input(SHAPE)
    inner = keras.Model(inner_input, layers.LSTM(2)(layers.Masking()(inner_input)))
    inputs, code = keras.Input(SHAPE), keras.Input((2,))
    encoder = keras.Model(inputs, inner(inputs), name="encoder")
    decoder = keras.Model(code, layers.Reshape(SHAPE)(layers.Dense(10)(code)), name="decoder")
    with pytest.raises(zoo.InputError, match=r"\(Masking\) masks steps"):
        zoo.Autoencoder.join(encoder, decoder, name="masked")
