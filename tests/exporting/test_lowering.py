"""Layers in the forms that TFLite takes equal Keras's and become the right operators."""

import keras
import numpy as np
import pytest
from exporting.conversion import build, convert, operators_in, runners, samples_of

import zoo
from zoo.exporting import tflite
from zoo.exporting.lowering import PhasedConv2DTranspose, lower
from zoo.exporting.recurrence import FusedLSTM, PortableLSTM
from zoo.layers import LSTM

# TensorFlow's own calibration warns of TensorFlow's own interpreter.
pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")


def test_a_fused_lstm_s_cell_states_may_be_large():
    model = zoo.get("lstm", input_shape=(35, 1), latent_dim=1, units=4)
    cell = next(
        layer for layer in model.encoder.layers if isinstance(layer, keras.layers.LSTM)
    ).cell
    # States that add up the signs of what they read: to 20, and from there down to 5.
    admit, forget, candidate, emit = np.split(np.zeros((1, 16), "float32"), 4, axis=1)
    cell.kernel.assign(np.concatenate([admit, forget, candidate + 9, emit], axis=1))
    cell.recurrent_kernel.assign(np.zeros((4, 16)))
    cell.bias.assign(np.concatenate([admit + 9, forget + 9, candidate, emit], axis=1)[0])
    x = np.repeat([1, -1], [20, 15]).reshape(1, 35, 1).astype("float32")
    code = model.encoder.predict(x, verbose=0)
    np.testing.assert_allclose(runners(convert(model, "fused"))["encode"](x), code, atol=1e-5)


@pytest.mark.parametrize("variant", ["fp32", "fused", "fused_int8"])
def test_an_lstm_does_not_grow_with_the_sequence(variant):
    sizes = [
        len(convert(build("lstm", (steps, 1), units=8), variant, samples_of((steps, 1))))
        for steps in (10, 140)
    ]
    assert sizes[1] < 1.02 * sizes[0]


@pytest.mark.parametrize("lowered", [PortableLSTM, FusedLSTM])
def test_a_lowered_lstm_equals_keras_on_a_long_sequence(lowered, rng):
    model = build("lstm", (140, 2), units=8)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    x = rng.normal(size=(4, 140, 2)).astype("float32")
    copy = lower(model, {LSTM: lowered})
    np.testing.assert_allclose(copy(x), model(x), atol=1e-5)


@pytest.mark.parametrize("shape", [(8, 8, 1), (7, 6, 3), (5, 7, 2), (3, 3, 1)])
@pytest.mark.parametrize("kernel_size", [3, 5])
def test_a_phased_transposed_convolution_equals_keras(shape, kernel_size, rng):
    model = build("conv", shape, filters=(4, 8), kernel_size=kernel_size)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    x = rng.normal(size=(2, *shape)).astype("float32")
    copy = lower(model, {keras.layers.Conv2DTranspose: PhasedConv2DTranspose})
    np.testing.assert_allclose(copy(x), model(x), atol=2e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        {"use_bias": False},
        {"strides": 1, "dilation_rate": 2},
        {"padding": "valid"},
        {"activation": "relu", "output_padding": (0, 1)},
    ],
    ids=str,
)
def test_every_other_transposed_convolution_equals_keras(arguments, rng):
    x = rng.normal(size=(2, 5, 6, 2)).astype("float32")
    inputs = keras.Input(x.shape[1:])
    usual = {"strides": 2, "padding": "same", "bias_initializer": "uniform"}
    layer = keras.layers.Conv2DTranspose(3, 3, **{**usual, **arguments})
    model = keras.Model(inputs, layer(inputs))
    copy = lower(model, {keras.layers.Conv2DTranspose: PhasedConv2DTranspose})
    np.testing.assert_allclose(copy(x), model(x), atol=1e-5)


def test_images_are_written_by_a_plain_convolution(tmp_path):
    operators = operators_in(convert(build("conv", filters=(16, 16)), "fp32"), tmp_path)
    assert {"DEPTH_TO_SPACE", "TRANSPOSE_CONV"} <= set(operators)


def test_lstms_are_int8_as_one_operator_only():
    lstm, dense = build("lstm"), build("dense")
    assert tflite.variants_of(lstm) == ("fp32", "fp16", "dynamic", "fused", "fused_int8")
    assert tflite.variants_of(dense) == ("fp32", "fp16", "dynamic", "int8", "int16")
    assert tflite.check_variants(lstm, None) == [*tflite.variants_of(lstm)]
    assert tflite.check_variants(dense, None) == ["fp32", "fp16", "dynamic", "int8"]
    message = (
        "A lstm model has no variant 'int8': choose one of fp32, fp16, dynamic, fused, fused_int8"
    )
    with pytest.raises(zoo.InputError, match=message):
        tflite.check_variants(lstm, ["fp32", "int8"])
