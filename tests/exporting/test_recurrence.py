"""Recurrent layers of every kind are exported exactly, or as a variant that they do not have."""

import keras
import numpy as np
import pytest
from exporting.conversion import convert, operators_in, runners, samples_of
from keras import layers

import zoo
from zoo import layers as zoo_layers
from zoo.exporting import tflite

SHAPE = (6, 3)


class OwnLSTM(layers.LSTM):
    """A layer of a user's own."""


def with_states(layer):
    """Return a function that calls a layer with states to start with, and returns all it gives."""
    states = [layers.Dense(4), layers.Dense(4)]

    def call(x):
        first = x[:, 0]
        return layers.Concatenate()(layer(x, initial_state=[state(first) for state in states]))

    return call


# Functions of a sequence; several of them make one model, so that one conversion serves them all.
EXACT = {
    "arguments of LSTM": [
        layers.LSTM(4, activation="relu"),
        layers.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True),
        layers.LSTM(4, go_backwards=True, return_sequences=True),
        layers.LSTM(4, use_bias=False),
        layers.LSTM(4, unroll=True),
        layers.LSTM(4, dropout=0.2, recurrent_dropout=0.2),
        with_states(layers.LSTM(4, return_state=True)),
        lambda x: layers.LSTM(4)(x, initial_state=[x[:, 0, :1] * np.ones((1, 4), "f")] * 2),
        zoo_layers.LSTM(4, go_backwards=True),
        OwnLSTM(4),
    ],
    "other layers": [
        layers.GRU(4),
        layers.GRU(4, reset_after=False, go_backwards=True, return_sequences=True),
        layers.GRU(4, dropout=0.2, recurrent_dropout=0.2),
        layers.SimpleRNN(4, use_bias=False),
        layers.SimpleRNN(4, activation="relu", return_sequences=True),
        layers.Bidirectional(layers.LSTM(4)),
        layers.Bidirectional(layers.GRU(4, return_sequences=True), merge_mode="sum"),
        layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)]),
        lambda x: layers.ConvLSTM1D(2, 2)(layers.Reshape((3, 3, 2))(x)),
        lambda x: layers.TimeDistributed(layers.LSTM(2))(layers.Reshape((2, 3, 3))(x)),
    ],
}


def make(*functions):
    """Return a model whose code holds what all functions give."""
    keras.utils.set_random_seed(0)
    inputs, code = keras.Input(SHAPE), None
    parts = [layers.Flatten()(function(inputs)) for function in functions]
    code = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    read = keras.Input(code.shape[1:])
    decoder = keras.Model(read, layers.Reshape(SHAPE)(layers.Dense(18)(read)), name="decoder")
    model = zoo.Autoencoder.join(keras.Model(inputs, code, name="encoder"), decoder, name="mine")
    for weight in model.trainable_weights:
        # Fresh biases are 0, and what they do would not show.
        weight.assign(weight + 0.3)
    return model


@pytest.mark.slow
@pytest.mark.parametrize("functions", EXACT.values(), ids=EXACT)
def test_every_recurrent_layer_equals_keras_in_builtin_operators(functions, tmp_path):
    model = make(*functions)
    content = convert(model, "fp32")
    x = samples_of(SHAPE, 3)
    calls = runners(content)
    found = np.concatenate([calls["encode"](sample[None]) for sample in x])
    np.testing.assert_allclose(found, model.encoder.predict(x, verbose=0), atol=1e-5)
    assert all(operator.isupper() for operator in operators_in(content, tmp_path))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: layers.GRU(2)(x), ("fp32", "fp16", "dynamic")),
        (lambda x: layers.LSTM(2, activation="relu")(x), ("fp32", "fp16", "dynamic")),
        (lambda x: layers.Bidirectional(layers.LSTM(2))(x), ("fp32", "fp16", "dynamic")),
        (
            lambda x: layers.LSTM(2)(x, initial_state=[x[:, 0, :2], x[:, 1, :2]]),
            ("fp32", "fp16", "dynamic"),
        ),
        (lambda x: layers.LSTM(2)(x), ("fp32", "fp16", "dynamic", "fused", "fused_int8")),
        (
            lambda x: layers.GRU(2, unroll=True)(x),
            ("fp32", "fp16", "dynamic", "int8", "int16"),
        ),
    ],
)
def test_a_model_has_the_variants_that_its_recurrent_layers_can_take(function, expected):
    assert tflite.variants_of(make(function)) == expected


@pytest.mark.slow
def test_the_file_of_a_loop_does_not_grow_with_the_sequence():
    sizes = []
    for steps in (10, 500):
        inputs, code = keras.Input((steps, 1)), keras.Input((4,))
        encoder = keras.Model(inputs, layers.GRU(4, return_sequences=True)(inputs)[:, -1])
        encoder.name = "encoder"
        y = layers.GRU(1, return_sequences=True)(layers.RepeatVector(steps)(code))
        decoder = keras.Model(code, y, name="decoder")
        sizes.append(len(convert(zoo.Autoencoder.join(encoder, decoder, name="mine"), "fp32")))
    assert sizes[1] < 1.02 * sizes[0]
