"""Files are small: signatures share what they can, and nothing is stored that no runtime reads."""

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from exporting.conversion import SHAPE, build, convert, operators_in, runners, samples_of

import zoo
from zoo import recipe_book
from zoo.data.dataset import Dataset
from zoo.exporting.metadata_writing import about, describe
from zoo.exporting.tflite_variants import PARTS
from zoo.training.run_environment import environment

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dense", "conv", "lstm", "vae"])
def test_four_signatures_cost_three_percent_at_most(name):
    keras.utils.set_random_seed(0)
    model = zoo.get(name)
    assert len(convert(model, "fp32")) <= 1.03 * len(convert(model, "fp32", only="reconstruct"))


@pytest.mark.parametrize(
    ("name", "variant"), [("dense", "int8"), ("lstm", "fused_int8"), ("vae", "int8")]
)
def test_signatures_of_a_small_int8_file_cost_no_more_than_their_tables(name, variant):
    model, samples = build(name), samples_of(SHAPE)
    whole, alone = (convert(model, variant, samples, only=only) for only in (None, "reconstruct"))
    assert len(whole) <= len(alone) + 900


@pytest.mark.slow
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
    model = zoo.get("dense", input_shape=(640,), **recipe_book.get("dense_toycar").arguments)
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
    assert operators_in(content, tmp_path) == ["FULLY_CONNECTED"]
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
    recipe, versions = recipe_book.get("dense_toycar").to_json(), environment()["versions"]
    figures = dict.fromkeys(("test_mse", "keras_test_mse", "max_difference"), 1.2345678901234567)
    described = {**about(recipe, versions, model, data), "variant": "int8", "figures": figures}
    describe(path, described)
    # Of the reference's 276,976 bytes none say what the file is.
    assert path.stat().st_size <= 277_000
    y = model.predict(x, verbose=0)
    found = zoo.edge.load(path).reconstruct(x)
    assert np.square(found - y).mean() <= 0.01 * y.var()


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
