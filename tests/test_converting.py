"""Conversion of every model to every variant: exact where it must be, and of builtin operators."""

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

import zoo
from recipes import book, exporting, recording, verifying
from recipes.converting import convert
from recipes.dataset import Dataset
from recipes.describing import about, describe
from recipes.lowering import FusedLSTM, PhasedConv2DTranspose, PortableLSTM, lower
from recipes.task import signatures_of
from recipes.variants import PARTS, VARIANTS, file_name, variant_of
from zoo.layers import LSTM
from zoo.scoring import score

# TensorFlow's own calibration warns of TensorFlow's own interpreter.
pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")

SHAPE = (7, 5, 3)
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


def build(name, shape=SHAPE, **arguments):
    keras.utils.set_random_seed(0)
    model = zoo.get(name, input_shape=shape, **{"latent_dim": 6, **arguments})
    if name == "lstm":
        # As after training: fresh states are so small that the fused int8 kernel cannot scale them.
        for weight in model.weights:
            weight.assign(2 * weight)
    return model


def samples_of(shape, count=20):
    return np.random.default_rng(0).random((count, *shape), dtype="float32")


def runners(content):
    """Return for each signature a function of one array; integers are converted by their scale."""
    interpreter = Interpreter(model_content=content)
    calls = {}
    for name in interpreter.get_signature_list():
        calls[name] = interpreter.get_signature_runner(name)
        (before,) = calls[name].get_input_details().values()
        calls[name](x=np.zeros(before["shape"], before["dtype"]))

    def call(name, x):
        (before,) = calls[name].get_input_details().values()
        (after,) = calls[name].get_output_details().values()
        interpreter.reset_all_variables()
        if before["dtype"] != np.float32:
            scale, zero = before["quantization"]
            x = np.clip(np.round(x / scale) + zero, -128, 127).astype(before["dtype"])
        (y,) = calls[name](x=x).values()
        if after["dtype"] != np.float32:
            scale, zero = after["quantization"]
            y = ((y.astype("float32") - zero) * scale).astype("float32")
        return y

    return {name: lambda x, name=name: call(name, x) for name in calls}


def names_of(content, tmp_path):
    path = tmp_path / "operators.tflite"
    path.write_bytes(content)
    return verifying.operators(path)


def check(model, content, limit):
    """Compare every signature with Keras on single samples."""
    calls = runners(content)
    assert tuple(calls) == signatures_of(model)
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
    operators = names_of(content, tmp_path)
    assert operators
    assert all(operator.isupper() for operator in operators)
    # The LSTM keeps its loop, and nothing else has one.
    assert ("WHILE" in operators) == (name == "lstm")


@pytest.mark.parametrize("name", zoo.list_models())
def test_every_model_has_an_int8_file_whose_weights_and_products_are_integers(name, tmp_path):
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
    assert {"QUANTIZE", "DEQUANTIZE"} <= set(names_of(content, tmp_path))


@pytest.mark.parametrize("name", ["dense", "lstm"])
@pytest.mark.parametrize("variant", ["fp16", "dynamic"])
def test_weights_shrink_and_outputs_stay_close(name, variant, tmp_path):
    model = build(name)
    content = convert(model, variant)
    check(model, content, CLOSE[variant])
    assert len(content) < 0.75 * len(convert(model, "fp32"))
    assert all(operator.isupper() for operator in names_of(content, tmp_path))


@pytest.mark.parametrize("variant", ["fused", "fused_int8"])
def test_a_fused_lstm_is_one_operator(variant, tmp_path):
    model = build("lstm")
    content = convert(model, variant, samples_of(SHAPE))
    check(model, content, CLOSE[variant])
    operators = names_of(content, tmp_path)
    assert "UNIDIRECTIONAL_SEQUENCE_LSTM" in operators
    assert "WHILE" not in operators


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


@pytest.mark.parametrize("variant", ["fp32", "fused", "int8"])
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


def test_images_are_written_by_a_plain_convolution(tmp_path):
    operators = names_of(convert(build("conv", filters=(16, 16)), "fp32"), tmp_path)
    assert {"DEPTH_TO_SPACE", "TRANSPOSE_CONV"} <= set(operators)


@pytest.mark.parametrize("name", ["dense", "conv", "lstm", "vae"])
def test_four_signatures_cost_three_percent_at_most(name):
    keras.utils.set_random_seed(0)
    model = zoo.get(name)
    assert len(convert(model, "fp32")) <= 1.03 * len(convert(model, "fp32", only="reconstruct"))


@pytest.mark.parametrize("name", ["dense", "lstm", "vae"])
def test_signatures_of_a_small_int8_file_cost_no_more_than_their_tables(name):
    model, samples = build(name), samples_of(SHAPE)
    whole, alone = (convert(model, "int8", samples, only=only) for only in (None, "reconstruct"))
    assert len(whole) <= len(alone) + 900


@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_a_sender_and_a_receiver_have_files_of_their_own(variant):
    model = build("dense")
    whole, *parts = (
        convert(model, variant, samples_of(SHAPE), only=only)
        for only in ("reconstruct", *PARTS[1:])
    )
    assert [list(runners(part)) for part in parts] == [["encode"], ["decode"]]
    x = samples_of(SHAPE, 1)
    codes = runners(parts[0])["encode"](x)
    np.testing.assert_array_equal(
        runners(parts[1])["decode"](codes), runners(whole)["reconstruct"](x)
    )
    assert all(len(part) < 0.8 * len(whole) for part in parts)


def mlperf_model():
    """Return MLPerf Tiny's anomaly detector with statistics as after training."""
    keras.utils.set_random_seed(0)
    model = zoo.get("dense", input_shape=(640,), **book.get("dense_toycar").arguments)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 2, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias"):
            weight.assign(rng.normal(0, 0.5, weight.shape))
    return model


def test_batch_normalisation_is_folded_exactly_biases_included(tmp_path):
    model = mlperf_model()
    content = convert(model, "fp32", only="reconstruct")
    assert names_of(content, tmp_path) == ["FULLY_CONNECTED"]
    x = np.random.default_rng(1).normal(size=(20, 640)).astype("float32")
    y = model.predict(x, verbose=0)
    found = np.concatenate([runners(content)["reconstruct"](sample[None]) for sample in x])
    assert np.abs(found - y).max() <= 1e-5 * max(1, np.abs(y).max())


def test_the_int8_file_of_mlperf_tiny_s_model_is_as_small_as_the_reference_s(tmp_path):
    model = mlperf_model()
    assert model.count_params() == 269_992
    # Decibels, as its input is.
    x = np.random.default_rng(1).normal(-40, 10, size=(100, 640)).astype("float32")
    path = tmp_path / "model_int8_reconstruct.tflite"
    path.write_bytes(convert(model, "int8", x, only="reconstruct", int8_io=True))
    data = Dataset("toycar", "machines", (-np.inf, np.inf), "dB", train=x, validation=x, test=x)
    recipe, versions = book.get("dense_toycar").to_json(), recording.environment()["versions"]
    figures = dict.fromkeys(("test_mse", "keras_test_mse", "max_difference"), 1.2345678901234567)
    described = {**about(recipe, versions, model, data), "variant": "int8", "figures": figures}
    describe(path, described)
    # Of the reference's 276,976 bytes none say what the file is.
    assert path.stat().st_size <= 277_000
    y = model.predict(x, verbose=0)
    found = zoo.edge.load(path).reconstruct(x)
    assert np.square(found - y).mean() <= 0.01 * y.var()


@pytest.mark.parametrize("name", ["conv", "lstm"])
def test_int8_inputs_and_outputs_are_a_choice(name):
    interpreter = Interpreter(
        model_content=convert(build(name), "int8", samples_of(SHAPE), int8_io=True)
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


def test_arrays_lie_at_multiples_of_16_bytes():
    content = convert(build("dense"), "fp32")
    file = schema.Model.GetRootAs(content)
    for i in range(file.BuffersLength()):
        data = file.Buffers(i).DataAsNumpy()
        if isinstance(data, np.ndarray):
            start = (
                data.__array_interface__["data"][0]
                - np.frombuffer(content, "uint8").__array_interface__["data"][0]
            )
            assert start % 16 == 0


def test_a_crash_of_the_converter_is_an_error_message(tmp_path, monkeypatch):
    # What Python runs ahead of any program kills it, as a fault of the converter would.
    crash = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"
    (tmp_path / "sitecustomize.py").write_text(crash)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (missed,) = exporting.export_tflite(
        tmp_path / "model.keras", tmp_path, ["fp32", "int8"], samples_of(SHAPE)
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
    run = {name: interpreter.get_signature_runner(name) for name in signatures_of(model)}
    code = run["encode"](x=x[:1])["code"]
    y = run["reconstruct"](x=x[:1])["reconstruction"]
    np.testing.assert_array_equal(run["decode"](x=code)["reconstruction"], y)
    tolerance = 1e-5 if variant == "fp32" else 0.1
    np.testing.assert_allclose(code, model.encoder.predict(x[:1], verbose=0), atol=tolerance)
    np.testing.assert_allclose(y, model.predict(x[:1], verbose=0), atol=tolerance)
