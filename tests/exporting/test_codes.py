"""Codes that are maps, sequences or whole numbers are exported, verified and run."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from exporting.conversion import convert
from keras import layers, ops

import zoo
from zoo.artefact_names import KERAS_FILE, SAVED_MODEL
from zoo.data.dataset import Dataset
from zoo.exporting import comparison_with_keras, keras_file, saved_model, tflite
from zoo.exporting.reloading import load_saved_model

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")


def of_maps():
    """A fully convolutional model; its code is a map, `(4, 4, 2)`."""
    image, code = keras.Input((8, 8, 1)), keras.Input((4, 4, 2))
    down = layers.Conv2D(2, 3, strides=2, padding="same", activation="tanh")(image)
    up = layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")(code)
    return keras.Model(image, down, name="encoder"), keras.Model(code, up, name="decoder")


def of_sequences():
    """A model of steps; its code is a sequence, `(6, 2)`."""
    steps, code = keras.Input((6, 3)), keras.Input((6, 2))
    down = layers.Dense(2)(layers.Conv1D(8, 3, padding="same", activation="relu")(steps))
    up = layers.Conv1D(3, 3, padding="same", activation="sigmoid")(code)
    return keras.Model(steps, down, name="encoder"), keras.Model(code, up, name="decoder")


def of_whole_numbers():
    """A discrete model; its code is a whole number from 0 to 4 at each of 3 positions."""
    values, code = keras.Input((12,)), keras.Input((3,), dtype="int32")
    logits = layers.Reshape((3, 5))(layers.Dense(15)(values))
    up = layers.Flatten()(layers.Embedding(5, 4)(code))
    up = layers.Dense(12, activation="sigmoid")(up)
    encoder = keras.Model(values, ops.argmax(logits, axis=-1), name="encoder")
    return encoder, keras.Model(code, up, name="decoder")


MODELS = {of_maps: (4, 4, 2), of_sequences: (6, 2), of_whole_numbers: (3,)}


def build(halves):
    keras.utils.set_random_seed(0)
    return zoo.Autoencoder.join(*halves(), name="mine")


def data_for(model, count=40):
    x = np.random.default_rng(0).random((count, *model.sample_shape), dtype="float32")
    return Dataset("mine", "1", (0, 1), "any", train=x, validation=x, test=x)


@pytest.mark.slow
@pytest.mark.parametrize(("halves", "code_shape"), MODELS.items())
def test_every_variant_passes_verification_and_runs_on_a_device(
    halves, code_shape, tmp_path, in_this_process
):
    model = build(halves)
    data = data_for(model)
    assert model.code_shape == code_shape
    keras_file.write(model, tmp_path / KERAS_FILE)
    saved_model.write(model, tmp_path / SAVED_MODEL)
    recipe = {"name": "mine", "model": "mine", "data": "mine", "arguments": {}}
    report, _ = tflite.write(
        tmp_path,
        model,
        recipe,
        data,
        ["fp32", "int8"],
        artefacts=(KERAS_FILE, SAVED_MODEL),
        threshold_quantile=0.9,
    )
    names = [KERAS_FILE, SAVED_MODEL, "model.tflite", "model_int8.tflite"]
    assert list(report) == names
    x = data.test
    code, y = (keras.ops.convert_to_numpy(part(x)) for part in (model.encoder, model))
    for name in names[:3]:
        assert report[name]["max_difference_code"] <= 1e-5
    exact = zoo.edge.load(tmp_path / "model.tflite")
    assert exact.code_shape == code_shape
    assert exact.latent_dim == np.prod(code_shape)
    assert exact.threshold is not None
    if code.dtype.kind == "i":
        np.testing.assert_array_equal(exact.encode(x), code)
        assert exact.encode(x).dtype == np.int32
        assert report["model.tflite"]["max_difference_code"] == 0
    for file, tolerance in ((exact, 1e-5), (zoo.edge.load(tmp_path / names[3]), 0.05)):
        np.testing.assert_allclose(file.decode(code), y, atol=tolerance)
        np.testing.assert_array_equal(file.decode(file.encode(x)), file.reconstruct(x))


@pytest.mark.parametrize("halves", MODELS, ids=lambda halves: halves.__name__)
def test_a_saved_model_takes_the_codes_that_it_gives(halves, tmp_path):
    model = build(halves)
    saved_model.write(model, tmp_path / SAVED_MODEL)
    signature = tf.saved_model.load(str(tmp_path / SAVED_MODEL)).signatures["decode"]
    assert signature.structured_input_signature[1]["x"].dtype == model.decoder.inputs[0].dtype
    functions = load_saved_model(tmp_path / SAVED_MODEL)
    x = data_for(model).test
    codes = functions["encode"](x)
    assert codes.shape == (len(x), *model.code_shape)
    assert codes.dtype == keras.ops.convert_to_numpy(model.encoder(x)).dtype
    np.testing.assert_array_equal(functions["decode"](codes), functions["reconstruct"](x))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The exported file of each model, loaded."""
    from zoo.exporting.metadata_writing import about, describe

    loaded = {}
    for halves in MODELS:
        model = build(halves)
        path = tmp_path_factory.mktemp("files") / "model.tflite"
        path.write_bytes(convert(model, "fp32"))
        describe(path, {**about({}, {}, model, data_for(model)), "variant": "fp32"})
        loaded[halves] = zoo.edge.load(path)
    return loaded


@pytest.mark.parametrize(
    ("halves", "codes", "message"),
    [
        (
            of_maps,
            np.zeros((2, 32)),
            r"needs an array of shape \(batch, 4, 4, 2\), but got \(2, 32\)",
        ),
        (of_sequences, np.zeros((2, 2, 6)), r"\(batch, 6, 2\), but got \(2, 2, 6\)"),
        (of_sequences, np.zeros((2, 6, 2), "int32"), "needs floats .* but got int32"),
        (of_whole_numbers, np.zeros((2, 3)), "needs codes of whole numbers, but got float64"),
        (of_whole_numbers, np.zeros((2, 3), bool), "needs codes of whole numbers, but got bool"),
        (of_whole_numbers, np.zeros((2, 4), int), r"\(batch, 3\), but got \(2, 4\)"),
        (of_whole_numbers, np.full((1, 3), 2**40), "needs codes of int32, but got 1099511627776"),
        (of_whole_numbers, [[0, 5, 0]], r"cannot take the code \[0, 5, 0\]: use codes that encode"),
    ],
)
def test_codes_of_another_shape_or_type_are_refused(halves, codes, message, files):
    with pytest.raises(zoo.InputError, match=message):
        files[halves].decode(codes)


def test_codes_of_any_integer_type_are_taken(files):
    file = files[of_whole_numbers]
    expected = file.decode(np.array([[0, 1, 4]], "int32"))
    for codes in ([[0, 1, 4]], np.array([[0, 1, 4]], "uint8")):
        np.testing.assert_array_equal(file.decode(codes), expected)


def test_metadata_record_the_shape_and_the_type_of_the_code(files):
    values = {halves: file.metadata["values"]["code"] for halves, file in files.items()}
    assert json.loads(json.dumps(values[of_maps])) == {"dtype": "float32", "shape": [1, 4, 4, 2]}
    assert values[of_whole_numbers] == {"dtype": "int32", "shape": [1, 3]}


def test_whole_numbers_must_be_equal_however_large():
    x = np.zeros((2, 3), "float32")
    codes = np.full((2, 3), 10**6, "int32")
    task = comparison_with_keras.Task(x, x, x, x[:, 0], codes=codes, decode=lambda codes: x)
    off = codes.copy()
    off[1, 2] += 1
    assert comparison_with_keras.compare({"codes": codes}, task)["max_difference_code"] == 0
    assert comparison_with_keras.compare({"codes": off}, task)["max_difference_code"] == 1
