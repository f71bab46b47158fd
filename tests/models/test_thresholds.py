"""A published model has its file's threshold, unless its scores are others."""

import numpy as np
import pytest

import zoo
from zoo import weights

# One detector for each kind of score.
DETECTORS = [("lstm", "ecg5000", {"units": 32}), ("conv", "fashion_mnist_bag", {"score_window": 4})]
CHANGES = [
    ("lstm", "ecg5000", {"output_activation": "tanh"}),
    ("conv", "fashion_mnist_bag", {"score_window": 1}),
]


@pytest.mark.parametrize(("name", "trained", "as_trained"), DETECTORS)
def test_a_published_model_has_the_threshold_of_its_file(name, trained, as_trained):
    model = zoo.get(name, weights=trained)
    file = zoo.edge.load(weights.FOLDER / f"{name}_{trained}" / "model.tflite")
    assert file.threshold
    assert model.threshold == file.threshold
    assert zoo.get(name, weights=trained, **as_trained).threshold == file.threshold
    (argument, value), *_ = as_trained.items()
    assert zoo.get(name, weights=trained, **{argument: np.int64(value)}).threshold is not None


@pytest.mark.parametrize(("name", "trained", "changed"), CHANGES)
def test_a_model_with_other_scores_has_no_threshold(name, trained, changed):
    assert zoo.get(name, weights=trained, **changed).threshold is None


def test_what_is_no_detector_has_no_threshold():
    assert zoo.get("dense", weights="digits").threshold is None
    assert zoo.get("dense").threshold is None
