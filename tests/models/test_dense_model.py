"""`dense`: layers, activations and normalisation."""

import itertools

import keras
import numpy as np
import pytest

import zoo


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_the_textbook_networks_are_one_call_each():
    deep = zoo.get("dense", latent_dim=3, hidden=(128, 64, 12))
    sizes = [784, 128, 64, 12, 3, 12, 64, 128, 784]
    assert deep.count_params() == sum(a * b + b for a, b in itertools.pairwise(sizes))
    assert deep.count_params() == 219_891
    small = zoo.get("dense", input_shape=(2,), latent_dim=3, hidden=())
    assert small.count_params() == 2 * 3 + 3 + 3 * 2 + 2


@pytest.mark.parametrize("output_activation", ["tanh", "sigmoid", "linear"])
def test_dense_takes_activations(output_activation):
    model = zoo.get(
        "dense",
        latent_dim=3,
        activation="relu",
        latent_activation="linear",
        output_activation=output_activation,
    )
    dense = [layer for layer in model.decoder.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.activation.__name__ for layer in dense] == ["relu", "relu", output_activation]
    assert model.encoder.get_layer("code").activation.__name__ == "linear"


def test_mlperf_tiny_s_network_is_one_call():
    model = zoo.get(
        "dense",
        input_shape=(640,),
        latent_dim=8,
        hidden=(128,) * 4,
        latent_activation="relu",
        output_activation="linear",
        batch_normalization=True,
    )
    # 640-128-128-128-128-8 and back, and four values for each unit but the output's.
    assert model.count_params() == 269_992
    block = [keras.layers.Dense, keras.layers.BatchNormalization, keras.layers.Activation]
    kinds = [type(layer) for part in (model.encoder, model.decoder) for layer in part.layers]
    inputs, flatten, reshape = keras.layers.InputLayer, keras.layers.Flatten, keras.layers.Reshape
    expected = [inputs, flatten, *5 * block, inputs, *4 * block, keras.layers.Dense, reshape]
    assert kinds == expected
    assert model.encoder.get_layer("code").activation is keras.activations.relu


def test_batch_normalization_standardises_what_the_activation_sees(rng):
    model = zoo.get("dense", input_shape=(6,), hidden=(), latent_dim=4, batch_normalization=True)
    x = rng.normal(5, 3, (1000, 6)).astype("float32")
    codes = to_numpy(model.encoder(x, training=True))
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(codes.std(axis=0), 1, atol=1e-2)


def test_an_unknown_activation_is_refused():
    with pytest.raises(zoo.InputError, match="output_activation must name a Keras activation"):
        zoo.get("dense", output_activation="sigmoidal")
