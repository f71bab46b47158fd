"""Conversion of every model to every variant: exact where it must be, and of builtin operators."""

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from exporting.conversion import SHAPE, build, convert, operators_in, runners, samples_of

import zoo
from zoo.anomaly_scoring import score
from zoo.exporting import conversion_process
from zoo.exporting.signatures import names_of
from zoo.exporting.tflite_variants import PARTS, VARIANTS, file_name, variant_of

# TensorFlow's own calibration warns of TensorFlow's own interpreter.
pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")

FORMS = [
    *((name, {}) for name in zoo.list_models()),
    ("dense", {"batch_normalization": True}),
    ("conv", {"score_window": 3}),
    ("sparse", {"sparsity": "kl"}),
    ("sparse", {"sparsity": "k_sparse", "k": 3}),
    ("sparse", {"body": "conv", "latent_dim": 8, "sparsity": "k_sparse", "k": 2}),
    ("vae", {"body": "conv", "kl_warmup_steps": 3, "batch_normalization": True}),
]

# Largest differences of outputs on [0, 1] for an untrained net; the gates proper are on trained
# ones, see `verifying`.
CLOSE = {"fp32": 1e-5, "fused": 1e-5, "fp16": 2e-3, "dynamic": 0.03, "int8": 0.05}

CLOSE["fused_int8"] = CLOSE["int8"]


def check(model, content, limit):
    """Compare every signature with Keras on single samples."""
    calls = runners(content)
    assert tuple(calls) == names_of(model)
    for x in samples_of(model.input_shape[1:], 3)[:, None]:
        code, y = (keras.ops.convert_to_numpy(part(x)) for part in (model.encoder, model))
        assert np.abs(calls["reconstruct"](x) - y).max() <= limit
        assert np.abs(calls["encode"](x) - code).max() <= limit * max(1, np.abs(code).max())
        assert np.abs(calls["decode"](code) - y).max() <= limit
        if "generate" in calls:
            np.testing.assert_array_equal(calls["generate"](code), calls["decode"](code))
        np.testing.assert_allclose(calls["score"](x), score(y, x, model.score_window), atol=limit)
        np.testing.assert_array_equal(
            calls["decode"](calls["encode"](x)), calls["reconstruct"](x), strict=True
        )


@pytest.mark.parametrize(("name", "arguments"), FORMS, ids=str)
def test_every_model_converts_exactly_with_builtin_operators_only(name, arguments, tmp_path):
    model = build(name, **arguments)
    content = convert(model, "fp32")
    check(model, content, CLOSE["fp32"])
    operators = operators_in(content, tmp_path)
    assert operators
    assert all(operator.isupper() for operator in operators)
    # The LSTM keeps its loop, and nothing else has one.
    assert ("WHILE" in operators) == (name == "lstm")


@pytest.mark.parametrize("name", [name for name in zoo.list_models() if name != "lstm"])
def test_every_model_without_an_lstm_has_an_int8_file_whose_weights_and_products_are_integers(
    name, tmp_path
):
    model = build(name)
    content = convert(model, "int8", samples_of(SHAPE))
    check(model, content, CLOSE["int8"])
    file = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content))
    products = ("FULLY_CONNECTED", "CONV_2D", "TRANSPOSE_CONV")
    codes = {getattr(schema.BuiltinOperator, product) for product in products}
    found = 0
    for graph in file.subgraphs:
        for operator in graph.operators:
            if file.operatorCodes[operator.opcodeIndex].builtinCode in codes:
                types = {
                    graph.tensors[i].type for i in (*operator.inputs, *operator.outputs) if i >= 0
                }
                assert schema.TensorType.FLOAT32 not in types
                found += 1
    assert found
    assert {"QUANTIZE", "DEQUANTIZE"} <= set(operators_in(content, tmp_path))


@pytest.mark.parametrize("name", ["dense", "lstm"])
@pytest.mark.parametrize("variant", ["fp16", "dynamic"])
def test_weights_shrink_and_outputs_stay_close(name, variant, tmp_path):
    model = build(name)
    content = convert(model, variant)
    check(model, content, CLOSE[variant])
    assert len(content) < 0.75 * len(convert(model, "fp32"))
    assert all(operator.isupper() for operator in operators_in(content, tmp_path))


@pytest.mark.parametrize("variant", ["fused", "fused_int8"])
def test_a_fused_lstm_is_one_operator(variant, tmp_path):
    model = build("lstm")
    content = convert(model, variant, samples_of(SHAPE))
    check(model, content, CLOSE[variant])
    operators = operators_in(content, tmp_path)
    assert "UNIDIRECTIONAL_SEQUENCE_LSTM" in operators
    assert "WHILE" not in operators


@pytest.mark.parametrize(("name", "variant"), [("conv", "int8"), ("lstm", "fused_int8")])
def test_int8_inputs_and_outputs_are_a_choice(name, variant):
    interpreter = Interpreter(
        model_content=convert(build(name), variant, samples_of(SHAPE), int8_io=True)
    )
    for signature in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(signature)
        (before,), (after,) = (
            details.values()
            for details in (runner.get_input_details(), runner.get_output_details())
        )
        assert before["dtype"] == np.int8
        assert after["dtype"] == (np.float32 if signature == "score" else np.int8)


@pytest.mark.parametrize("samples", [None, np.zeros((0, *SHAPE), "float32")])
def test_int8_without_samples_to_calibrate_on_is_refused(samples):
    with pytest.raises(zoo.InputError, match="int8 needs training samples to calibrate on"):
        convert(build("dense"), "int8", samples)


def test_a_crash_of_the_converter_is_an_error_message(tmp_path, monkeypatch):
    # What Python runs ahead of any program kills it, as a fault of the converter would.
    crash = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"
    (tmp_path / "sitecustomize.py").write_text(crash)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (missed,) = conversion_process.convert(
        tmp_path, build("dense"), ["fp32", "int8"], samples_of(SHAPE)
    )
    assert missed == "model.tflite could not be converted (signal 11)"


def test_file_names_tell_variants_and_parts():
    assert file_name("fp32") == "model.tflite"
    assert file_name("fused_int8", "encode") == "model_fused_int8_encode.tflite"
    for name, variant in VARIANTS.items():
        for only in (None, *PARTS):
            assert variant_of(file_name(name, only)) is variant


@pytest.mark.parametrize("variant", ["fp32", "int8"])
@pytest.mark.parametrize("batch_normalization", [False, True])
def test_a_linear_code_ahead_of_a_layer_that_fuses_nothing_is_what_the_decoder_reads(
    variant, batch_normalization, rng
):
    # The converter is tempted to put the code's bias and scale into the decoder's first layer.
    model = zoo.get(
        "dense",
        input_shape=(6,),
        latent_dim=3,
        hidden=(5,),
        activation="gelu",
        batch_normalization=batch_normalization,
    )
    model.set_weights([rng.uniform(0.1, 1, weight.shape) for weight in model.get_weights()])
    x = rng.random((20, 6)).astype("float32")
    interpreter = Interpreter(model_content=convert(model, variant, x))
    run = {name: interpreter.get_signature_runner(name) for name in names_of(model)}
    code = run["encode"](x=x[:1])["code"]
    y = run["reconstruct"](x=x[:1])["reconstruction"]
    np.testing.assert_array_equal(run["decode"](x=code)["reconstruction"], y)
    tolerance = 1e-5 if variant == "fp32" else 0.1
    np.testing.assert_allclose(code, model.encoder.predict(x[:1], verbose=0), atol=tolerance)
    np.testing.assert_allclose(y, model.predict(x[:1], verbose=0), atol=tolerance)
