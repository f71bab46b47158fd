"""The scores of each runtime equal those of `zoo.anomaly_scoring.score`, which defines them."""

import keras
import numpy as np
import pytest
from exporting.conversion import build, convert, runners, samples_of

from zoo.anomaly_scoring import score
from zoo.artefact_names import SAVED_MODEL
from zoo.exporting import saved_model
from zoo.exporting.reloading import load_saved_model


@pytest.mark.parametrize(
    ("name", "arguments"), [("dense", {}), ("conv", {}), ("conv", {"score_window": 3})], ids=str
)
def test_every_runtime_scores_as_numpy_does(name, arguments, tmp_path):
    model = build(name, **arguments)
    x = samples_of(model.sample_shape, 4)
    expected = score(keras.ops.convert_to_numpy(model(x)), x, model.score_window)
    np.testing.assert_allclose(model.score(x), expected, rtol=1e-5)
    saved_model.write(model, tmp_path / SAVED_MODEL)
    found = load_saved_model(tmp_path / SAVED_MODEL)["score"](x)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    on_device = runners(convert(model, "fp32"))["score"]
    found = np.concatenate([on_device(sample[None]) for sample in x])
    np.testing.assert_allclose(found, expected, rtol=1e-5)
