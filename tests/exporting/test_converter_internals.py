"""The private parts of TensorFlow's converter are there and do what this package needs.

If a test fails after an update of TensorFlow, zoo/exporting/converter_internals.py says what each
part did and what to do.
"""

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

from zoo.exporting import converter_internals

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")

UNITS = 8
ADVICE = (
    f"TensorFlow {tf.__version__} no longer {{}}: see zoo/exporting/converter_internals.py, which "
    "says what to do"
)


@pytest.fixture
def converter(tmp_path):
    """An int8 converter of one dense layer."""
    weights = np.random.default_rng(0).normal(size=(4, UNITS)).astype("float32")
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec((1, 4), tf.float32)])
    def dense(x):
        return tf.nn.relu(tf.matmul(x, weights))

    tf.saved_model.save(module, str(tmp_path), signatures={"dense": dense})
    made = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path), signature_keys=["dense"])
    made.optimizations = [tf.lite.Optimize.DEFAULT]
    made.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    made.inference_input_type = made.inference_output_type = tf.int8
    samples = np.random.default_rng(1).random((10, 1, 4), dtype="float32")
    made.representative_dataset = lambda: ([sample] for sample in samples)
    return made


def tensors(content):
    (graph,) = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content)).subgraphs
    return graph.tensors


def scales(content):
    """Return the number of scales of the matrix of weights."""
    (weights,) = (t for t in tensors(content) if sorted(t.shape) == sorted((4, UNITS)))
    assert weights.type == schema.TensorType.INT8
    return len(weights.quantization.scale)


@pytest.mark.parametrize(("per_channel", "expected"), [(False, 1), (True, UNITS)])
@pytest.mark.parametrize("edited", [False, True])
def test_units_of_a_dense_layer_share_a_scale_or_have_one_each(
    per_channel, expected, edited, converter
):
    converter_internals.set_per_channel(converter, per_channel)
    if edited:
        converter_internals.edit_after_calibration(converter, lambda content: content, per_channel)
    assert scales(converter.convert()) == expected, ADVICE.format(
        "heeds _experimental_disable_per_channel_quantization_for_dense_layers"
    )


def test_a_float_file_is_edited_before_calibration(converter):
    seen = []
    converter_internals.edit_before_calibration(
        converter, lambda content: seen.append(bytes(content)) or content
    )
    content = converter.convert()
    assert len(seen) == 1, ADVICE.format("calls _quantize")
    assert {t.type for t in tensors(seen[0])} == {schema.TensorType.FLOAT32}
    assert not any(t.quantization and t.quantization.max is not None for t in tensors(seen[0]))
    assert scales(content)


def test_a_calibrated_file_is_edited_before_it_becomes_int8(converter):
    calls = []

    def widen(content):
        model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
        seen = [t.quantization for t in model.subgraphs[0].tensors if t.quantization]
        seen = [ranges for ranges in seen if ranges.max is not None]
        assert seen, ADVICE.format("stops after calibration for _experimental_calibrate_only")
        for ranges in seen:
            ranges.min, ranges.max = np.array([-1], "float32"), np.array([3], "float32")
        calls.append(len(seen))
        return bytes(flatbuffer_utils.convert_object_to_bytearray(model))

    converter_internals.edit_after_calibration(converter, widen, per_channel=False)
    content = converter.convert()
    assert len(calls) == 1, ADVICE.format("calls _quantize")
    (graph,) = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content)).subgraphs
    (scale,) = graph.tensors[graph.inputs[0]].quantization.scale
    assert scale == pytest.approx(4 / 255, rel=1e-3), ADVICE.format(
        "quantises by the ranges that mlir_quantize is given"
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda converter: converter_internals.set_per_channel(converter, True),
        lambda converter: converter_internals.edit_before_calibration(converter, bytes),
        lambda converter: converter_internals.edit_after_calibration(converter, bytes, True),
    ],
)
def test_a_missing_part_is_named_with_the_file_that_says_what_to_do(call):
    message = r"TensorFlow .* no longer has _\w+: see zoo/exporting/converter_internals\.py"
    with pytest.raises(RuntimeError, match=message):
        call(object())
