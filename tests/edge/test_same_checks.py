"""Keras and an exported file refuse the same samples, in the same words."""

import numpy as np
import pytest
from edge.device_files import SHAPE, data_of, write

import zoo

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")

ANY = (-np.inf, np.inf)
REFUSED = {
    "another shape": np.zeros((2, 8, 9, 1), "float32"),
    "one sample without the batch axis": np.zeros(SHAPE, "float32"),
    "no samples": np.zeros((0, *SHAPE), "float32"),
    "a number": np.float32(1),
    "rows of unequal length": [[1.0, 2.0], [3.0]],
    "bytes": np.zeros((2, *SHAPE), "uint8"),
    "truth values": np.zeros((2, *SHAPE), bool),
    "text": np.full((2, *SHAPE), "a"),
    "objects": np.full((2, *SHAPE), None),
    "complex numbers": np.zeros((2, *SHAPE), "complex64"),
    "NaN": np.full((2, *SHAPE), np.nan, "float32"),
    "one NaN": np.where(np.arange(128).reshape(2, *SHAPE) == 77, np.nan, 0.5),
    "infinity": np.full((2, *SHAPE), -np.inf, "float32"),
    "infinity in float32": np.full((2, *SHAPE), 1e300),
}
OUT_OF_RANGE = {
    "not divided by 255": np.full((1, *SHAPE), 255.0, "float32"),
    "just below": np.full((1, *SHAPE), -1e-3, "float64"),
    "one value": np.where(np.arange(64).reshape(1, *SHAPE) == 9, np.float16(1.01), np.float16(0)),
}
TAKEN = {
    "half precision": np.full((2, *SHAPE), 0.5, "float16"),
    "double precision": np.full((2, *SHAPE), 0.1),
    "a list": np.zeros((2, *SHAPE)).tolist(),
    "rounding": np.full((1, *SHAPE), 1 + 1e-7, "float64"),
}


@pytest.fixture(scope="module", params=["dense fp32", "dense int8", "conv int8", "lstm fused"])
def pair(request, tmp_path_factory):
    """A Keras model and its file, for values on [0, 1]."""
    path = tmp_path_factory.mktemp("pair") / "model.tflite"
    name, variant = request.param.split()
    options = {"int8_io": True} if variant == "int8" else {}
    model = write(path, name, variant, threshold={"score": 0.25, "quantile": 0.9}, **options)
    model.threshold, model.value_range = 0.25, (0.0, 1.0)
    return model, zoo.edge.load(path)


def complaint(model, x):
    with pytest.raises(zoo.InputError) as error:
        model.score(x)
    return str(error.value)


@pytest.mark.parametrize("samples", [*REFUSED, *OUT_OF_RANGE])
def test_what_one_refuses_the_other_refuses_in_the_same_words(samples, pair):
    keras_model, file = pair
    x = {**REFUSED, **OUT_OF_RANGE}[samples]
    assert complaint(keras_model, x) == complaint(file, x)


@pytest.mark.parametrize("samples", TAKEN)
def test_what_one_takes_the_other_takes(samples, pair):
    keras_model, file = pair
    scores = keras_model.score(TAKEN[samples])
    assert scores.dtype == file.score(TAKEN[samples]).dtype == np.float32
    np.testing.assert_allclose(file.score(TAKEN[samples]), scores, rtol=0.2, atol=1e-3)
    assert keras_model.threshold == file.threshold


def test_without_a_range_any_finite_value_is_taken(tmp_path):
    path = tmp_path / "model.tflite"
    keras_model = write(path, "dense", "fp32", data_of((4, 2), ANY))
    assert keras_model.value_range is None
    assert keras_model.threshold is None
    file = zoo.edge.load(path)
    large = np.full((1, 4, 2), -1e6)
    np.testing.assert_allclose(keras_model.score(large), file.score(large), rtol=1e-3)
    too_large = np.full((1, 4, 2), 3e38)
    message = "score gives NaN or infinity for values up to 3e+38: scale them"
    assert complaint(keras_model, too_large).startswith(message)
    assert complaint(file, too_large).startswith(message)


def test_a_file_of_int8_inputs_has_no_infinite_scores(tmp_path):
    path = tmp_path / "model.tflite"
    write(path, "dense", "int8", data_of((4, 2), ANY), int8_io=True)
    assert "score gives NaN or infinity" in complaint(zoo.edge.load(path), np.full((1, 4, 2), 3e38))


@pytest.mark.parametrize("samples", REFUSED)
def test_noise_is_added_to_samples_alone(samples):
    model = zoo.get("denoising", input_shape=SHAPE, hidden=())
    with pytest.raises(zoo.InputError, match=r"^corrupt "):
        model.corrupt(REFUSED[samples])
