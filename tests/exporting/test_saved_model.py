"""Keras files and SavedModels of every model: small, and with every endpoint."""

import keras
import numpy as np
import pytest
from exporting.conversion import build

import zoo
from zoo.anomaly_scoring import score
from zoo.artefact_names import KERAS_FILE, SAVED_MODEL
from zoo.exporting import keras_file, saved_model
from zoo.exporting.reloading import load_saved_model
from zoo.exporting.signatures import names_of


@pytest.mark.parametrize(
    ("name", "arguments"),
    [*((name, {}) for name in zoo.list_models()), ("conv", {"score_window": 3})],
    ids=str,
)
def test_a_saved_model_has_every_endpoint_and_takes_any_batch(name, arguments, tmp_path, rng):
    model = build(name, (7, 5, 3), **arguments)
    saved_model.write(model, tmp_path / SAVED_MODEL)
    functions = load_saved_model(tmp_path / SAVED_MODEL)
    assert set(functions) == set(names_of(model))
    assert ("generate" in functions) == (name == "vae")
    for batch in (1, 5):
        x = rng.random((batch, 7, 5, 3), dtype="float32")
        code, y = (keras.ops.convert_to_numpy(part(x)) for part in (model.encoder, model))
        expected = {
            "reconstruct": (x, y),
            "encode": (x, code),
            "decode": (code, y),
            "generate": (code, y),
            "score": (x, score(y, x, model.score_window)),
        }
        for endpoint, function in functions.items():
            inputs, outputs = expected[endpoint]
            np.testing.assert_allclose(function(inputs), outputs, atol=1e-5)


def test_a_keras_file_is_compressed_without_loss(tmp_path):
    model, path = zoo.get("dense", hidden=(512,)), tmp_path / KERAS_FILE
    model.set_weights([weight.astype("float16") for weight in model.get_weights()])
    model.save(path)
    stored = path.stat().st_size
    keras_file.compress(path)
    assert path.stat().st_size < 0.5 * stored
    for before, after in zip(model.get_weights(), zoo.load(path).get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
