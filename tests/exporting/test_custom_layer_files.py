"""Models with layers of a user's own: their files are found, and run in the fresh process."""

import dataclasses
import sys

import keras
import numpy as np
import pytest
from conftest import run_python
from exporting.conversion import build

import zoo
from zoo.artefact_names import KERAS_FILE, SAVED_MODEL
from zoo.data.dataset import Dataset
from zoo.exporting import (
    custom_layer_files,
    fresh_process,
    keras_file,
    saved_model,
    tflite,
    verifying,
)

LAYER = """
import keras
from factor import FACTOR

@keras.saving.register_keras_serializable("mine")
class Scale(keras.layers.Layer):
    def call(self, inputs):
        return FACTOR * inputs
"""


@pytest.fixture
def scaled(tmp_path, monkeypatch):
    """A model with a layer whose class is in a file, and that file."""
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "factor.py").write_text("FACTOR = 3.0")
    (folder / "scale_layer.py").write_text(LAYER)
    monkeypatch.syspath_prepend(folder)
    import scale_layer  # pyright: ignore[reportMissingImports]

    sample, code = keras.Input((6,)), keras.Input((2,))
    encoder = keras.Model(
        sample, scale_layer.Scale()(keras.layers.Dense(2)(sample)), name="encoder"
    )
    decoder = keras.Model(code, keras.layers.Dense(6)(code), name="decoder")
    yield zoo.Autoencoder.join(encoder, decoder, name="scaled"), folder / "scale_layer.py"
    for name in ("scale_layer", "factor"):
        sys.modules.pop(name, None)


def test_models_of_the_zoo_and_of_keras_need_no_file():
    for name in zoo.list_models():
        assert custom_layer_files.files_of(build(name)) == []


@pytest.mark.slow
def test_a_layer_of_a_user_s_own_is_exported_and_verified(scaled, tmp_path):
    model, file = scaled
    assert custom_layer_files.files_of(model) == [file]
    x = np.random.default_rng(0).random((20, 6), dtype="float32")
    data = Dataset("mine", "1", (0, 1), "any", train=x, validation=x, test=x)
    keras_file.write(model, tmp_path / KERAS_FILE)
    saved_model.write(model, tmp_path / SAVED_MODEL)
    report, _ = tflite.write(
        tmp_path, model, {"name": "mine"}, data, ["fp32"], artefacts=[KERAS_FILE, SAVED_MODEL]
    )
    assert list(report) == [KERAS_FILE, SAVED_MODEL, "model.tflite"]
    assert all(entry["max_difference"] <= 1e-5 for entry in report.values())
    # Without its file a fresh process does not know the class.
    task = dataclasses.replace(tflite.make_task(model, data, "test_mse"), sources=())
    _, missed = verifying.verify(tmp_path, [KERAS_FILE], task)
    assert len(missed) == 1
    assert missed[0].startswith(f"{KERAS_FILE} does not run: InputError")


def test_a_layer_of_an_interactive_session_is_refused():
    code = """
import json, keras, zoo
from zoo.exporting import custom_layer_files
class Scale(keras.layers.Dense):
    pass
sample, code = keras.Input((6,)), keras.Input((6,))
model = zoo.Autoencoder.join(
    keras.Model(sample, Scale(6)(sample), name="encoder"),
    keras.Model(code, keras.layers.Dense(6)(code), name="decoder"),
    name="mine",
)
try:
    custom_layer_files.files_of(model)
except zoo.InputError as error:
    print(json.dumps(str(error)))
"""
    assert run_python(code) == (
        "The layer Scale is defined in a notebook: move it to a Python file and import it, since "
        "every file is checked in a fresh process that has to find it."
    )


def test_a_file_that_starts_training_on_import_does_not_start_processes_without_end(monkeypatch):
    monkeypatch.setenv(fresh_process.MARK, "1")
    with pytest.raises(zoo.InputError, match="put these lines under `if __name__"):
        fresh_process.run("this", [], label="Running", steps=1)
