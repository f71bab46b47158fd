"""The runner of exported files: without TensorFlow and Keras, and with errors for people."""

import keras
import numpy as np
import pytest
from conftest import run_python

import zoo
from recipes import exporting

CASES = {"dense": (8, 8, 1), "vae": (7, 5, 3), "lstm": (9, 2)}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Folders with a `model.tflite`, samples and what Keras makes of them, by model name."""
    folders = {}
    for name, shape in CASES.items():
        keras.utils.set_random_seed(0)
        model = zoo.get(name, input_shape=shape, latent_dim=3)
        folders[name] = tmp_path_factory.mktemp(name)
        exporting.export(model, folders[name])
        x = np.random.default_rng(0).random((4, *shape), dtype="float32")
        y, codes = model.predict(x, verbose=0), model.encoder.predict(x, verbose=0)
        np.savez(folders[name] / "expected.npz", x=x, y=y, codes=codes)
    return folders


@pytest.mark.parametrize("name", CASES)
def test_a_file_runs_where_neither_tensorflow_nor_keras_can_be_imported(name, exported):
    code = """
import json, sys
sys.modules["tensorflow"] = sys.modules["keras"] = None  # importing them raises
import numpy as np
import zoo
folder = sys.argv[1]
model = zoo.edge.load(f"{folder}/model.tflite")
expected = np.load(f"{folder}/expected.npz")
x, y, codes = (expected[name] for name in ("x", "y", "codes"))
scores = ((y - x) ** 2).reshape(len(x), -1).mean(axis=1)
worst = 0
for batch in (4, 1, 3):
    for found, wanted in (
        (model.reconstruct(x[:batch]), y),
        (model.encode(x[:batch]), codes),
        (model.decode(codes[:batch]), y),
        (model.score(x[:batch]), scores),
    ):
        assert found.shape == wanted[:batch].shape
        worst = max(worst, float(np.abs(found - wanted[:batch]).max()))
print(json.dumps([worst, model.input_shape, model.latent_dim]))
"""
    worst, input_shape, latent_dim = run_python(code, str(exported[name]))
    assert worst <= 1e-5
    assert tuple(input_shape) == CASES[name]
    assert latent_dim == 3


def test_results_stay_when_the_next_batch_is_run(exported, rng):
    model = zoo.edge.load(exported["dense"] / "model.tflite")
    first = model.reconstruct(rng.random((2, 8, 8, 1)))
    copy = first.copy()
    model.reconstruct(rng.random((2, 8, 8, 1)))
    np.testing.assert_array_equal(first, copy)


@pytest.mark.parametrize("shape", [(8, 8, 1), (2, 8, 8), (2, 8, 9, 1), (0, 8, 8, 1)])
def test_a_wrong_shape_is_refused_and_the_right_one_named(shape, exported):
    model = zoo.edge.load(exported["dense"] / "model.tflite")
    message = r"reconstruct needs an array of shape \(batch, 8, 8, 1\), but got "
    with pytest.raises(zoo.InputError, match=message):
        model.reconstruct(np.zeros(shape))
    with pytest.raises(zoo.InputError, match=r"decode needs an array of shape \(batch, 3\)"):
        model.decode(np.zeros((2, 4)))


def test_a_missing_damaged_or_foreign_file_is_refused(exported, tmp_path):
    with pytest.raises(zoo.InputError, match="There is no file"):
        zoo.edge.load(tmp_path / "absent.tflite")
    content = (exported["dense"] / "model.tflite").read_bytes()
    for name, bad in {"text": b"no model", "short": content[:2000], "empty": b""}.items():
        (tmp_path / name).write_bytes(bad)
        with pytest.raises(zoo.InputError, match=f"{name} is damaged or no model of the zoo"):
            zoo.edge.load(tmp_path / name)
    plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    plain.export(tmp_path / "plain.tflite", format="litert", verbose=False)
    with pytest.raises(zoo.InputError, match=r"plain\.tflite is damaged or no model of the zoo"):
        zoo.edge.load(tmp_path / "plain.tflite")
