"""The runner of exported files: without TensorFlow and Keras, and with errors for people."""

import keras
import numpy as np
import pytest
from conftest import run_python
from edge.device_files import SHAPE, data_of, write

import zoo

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")


def test_files_run_where_nothing_but_numpy_and_litert_can_be_imported(exported):
    code = """
import json, sys
for name in ("tensorflow", "keras", "pydantic", "typer", "rich", "sklearn"):
    sys.modules[name] = None  # importing it raises
import numpy as np
import zoo
worst = {}
for path in sys.argv[1:]:
    model = zoo.edge.load(path)
    assert model.input_shape == (8, 8, 1) and model.latent_dim == 3
    expected = np.load(path.replace(".tflite", ".npz"))
    x, y, codes = (expected[name] for name in ("x", "y", "codes"))
    scores = ((y - x) ** 2).reshape(len(x), -1).mean(axis=1)
    worst[path] = 0
    for batch in (4, 1, 3):
        pairs = [
            (model.reconstruct(x[:batch]), y),
            (model.encode(x[:batch]), codes),
            (model.decode(model.encode(x[:batch])), y),
            (model.score(x[:batch]), scores),
        ]
        if "generate" in model.signatures:
            pairs.append((model.generate(codes[:batch]), y))
        for found, wanted in pairs:
            assert found.shape == wanted[:batch].shape and found.dtype == np.float32
            worst[path] = max(worst[path], float(np.abs(found - wanted[:batch]).max()))
print(json.dumps(worst))
"""
    worst = run_python(code, *map(str, exported.values()))
    for case, path in exported.items():
        exact = case.endswith(("fp32", "fused"))
        assert worst[str(path)] <= (1e-5 if exact else 0.05), case


def test_a_fused_lstm_starts_afresh_with_every_sample(exported):
    model = zoo.edge.load(exported["lstm fused"])
    x = data_of().test[:3]
    one_by_one = np.concatenate([model.reconstruct(sample[None]) for sample in x[::-1]])[::-1]
    np.testing.assert_array_equal(model.reconstruct(x), one_by_one)


def test_results_stay_when_the_next_batch_is_run(exported, rng):
    model = zoo.edge.load(exported["dense fp32"])
    first = model.reconstruct(rng.random((2, *SHAPE)))
    copy = first.copy()
    model.reconstruct(rng.random((2, *SHAPE)))
    np.testing.assert_array_equal(first, copy)


@pytest.mark.parametrize("shape", [(8, 8, 1), (2, 8, 8), (2, 8, 9, 1), (0, 8, 8, 1), ()])
def test_a_wrong_shape_is_refused_and_the_right_one_named(shape, exported):
    model = zoo.edge.load(exported["dense fp32"])
    message = r"reconstruct needs an array of shape \(batch, 8, 8, 1\), but got "
    with pytest.raises(zoo.InputError, match=message):
        model.reconstruct(np.zeros(shape))
    with pytest.raises(zoo.InputError, match=r"decode needs an array of shape \(batch, 3\)"):
        model.decode(np.zeros((2, 4)))


@pytest.mark.parametrize("case", ["dense fp32", "conv int8"])
@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [
        (200, "uint8", "needs floats in the units of the data, but got uint8"),
        (0, "int8", "needs floats in the units of the data, but got int8"),
        (255.0, "float32", r"needs values on \[0, 1\], but got 255 to 255: scale them"),
        (-0.1, "float64", r"needs values on \[0, 1\], but got -0.1"),
        (np.nan, "float32", "got NaN or infinity"),
        (np.inf, "float32", "got NaN or infinity"),
    ],
)
def test_values_in_other_units_are_refused(case, value, dtype, message, exported):
    model = zoo.edge.load(exported[case])
    for function in (model.reconstruct, model.encode, model.score):
        with pytest.raises(zoo.InputError, match=message):
            function(np.full((1, *SHAPE), value, dtype))


def test_an_outlier_scores_high_although_int8_inputs_are_clipped(tmp_path):
    data = data_of((4, 2), (-np.inf, np.inf))
    write(tmp_path / "model.tflite", "dense", "int8", data, int8_io=True)
    model = zoo.edge.load(tmp_path / "model.tflite")
    assert model.score(np.full((1, 4, 2), 100.0))[0] > 9000


def test_a_file_of_int8_inputs_scores_by_the_window_of_its_recipe(tmp_path):
    path, arguments = tmp_path / "model.tflite", {"score_window": 3}
    model = write(path, "conv", "int8", arguments=arguments, int8_io=True)
    x = data_of().test
    file = zoo.edge.load(path)
    np.testing.assert_allclose(file.score(x), model.score(x), rtol=0.1)
    assert file.score(x).max() < 0.5 * np.square(model.predict(x, verbose=0) - x).mean()


def test_a_part_offers_what_it_has(tmp_path):
    write(tmp_path / "model.tflite", "dense", "fp32", only="encode")
    model = zoo.edge.load(tmp_path / "model.tflite")
    assert model.signatures == ("encode",)
    with pytest.raises(zoo.InputError, match="The file has no score: use one of the methods"):
        model.score(data_of().test)
    assert model.encode(data_of().test).shape == (20, 3)
    with pytest.raises(zoo.InputError, match=r"no decode: .* that it offers, encode\."):
        model.decode(np.zeros((1, 3)))


def test_a_model_that_takes_gaussian_noise_has_no_range(tmp_path):
    path = tmp_path / "model.tflite"
    write(path, "denoising", "fp32", arguments={"corruption": "masking"})
    with pytest.raises(zoo.InputError, match=r"needs values on \[0, 1\]"):
        zoo.edge.load(path).reconstruct(np.full((1, *SHAPE), 1.3))
    write(path, "denoising", "fp32", arguments={"corruption": "gaussian"})
    model = zoo.edge.load(path)
    assert model.metadata["input"]["range"] is None
    model.reconstruct(np.full((1, *SHAPE), 1.3))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1.0, 2.0], [3.0]], "got a ragged list"),
        (np.full((1, 4, 2), 1e300), "got NaN or infinity"),
        (np.full((1, 4, 2), 3e38), "gives NaN or infinity for values up to 3e\\+38"),
    ],
)
def test_no_values_lead_to_nan(values, message, tmp_path):
    write(tmp_path / "model.tflite", "dense", "fp32", data_of((4, 2), (-np.inf, np.inf)))
    model = zoo.edge.load(tmp_path / "model.tflite")
    with pytest.raises(zoo.InputError, match=message):
        model.score(values)


def test_a_foreign_file_runs_on_request_only(tmp_path, rng):
    plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    path = tmp_path / "plain.tflite"
    plain.export(path, format="litert", verbose=False)
    with pytest.raises(zoo.InputError, match=r"plain\.tflite cannot be used: it is damaged or "):
        zoo.edge.load(path)
    model = zoo.edge.load(path, foreign=True)
    x = rng.normal(size=(3, 2)).astype("float32")
    y = plain.predict(x, verbose=0)
    np.testing.assert_allclose(model.reconstruct(x), y, atol=1e-6)
    np.testing.assert_allclose(model.score(x), np.mean((y - x) ** 2, axis=1), atol=1e-6)
    with pytest.raises(zoo.InputError, match="The file has no encode"):
        model.encode(x)
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]).export(
        path, format="litert", verbose=False
    )
    with pytest.raises(zoo.InputError, match="its output does not have the shape of its input"):
        zoo.edge.load(path, foreign=True)
