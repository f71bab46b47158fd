"""`zoo.evaluate`: figures of any model, on arrays and on data sets."""

import numpy as np
import pytest

import zoo


def test_arrays_give_figures_beside_baselines_fitted_on_other_samples(rng):
    train, test = rng.random((200, 6), dtype="float32"), rng.random((50, 6), dtype="float32")
    model = zoo.get("dense", input_shape=(6,), latent_dim=2)
    figures = zoo.evaluate(model, test, train=train)
    error = np.mean((model.predict(test, verbose=0) - test) ** 2)
    assert figures["test_mse"] == pytest.approx(error, rel=1e-5)
    mean = np.mean((train.mean(axis=0) - test) ** 2)
    assert figures["test_mse_mean"] == pytest.approx(mean, rel=1e-5)
    assert figures["test_mse_over_mean"] == pytest.approx(error / mean, rel=1e-5)
    alone = zoo.evaluate(model, test)
    assert alone["test_mse"] == figures["test_mse"]
    assert not [name for name in alone if name.endswith(("_mean", "_pca"))]


def test_a_data_set_brings_labels_and_baselines():
    model = zoo.get("dense", weights="digits")
    figures = zoo.evaluate(model, zoo.data.load("digits"))
    assert figures["test_mse"] == pytest.approx(0.01157, rel=1e-3)
    assert {"linear_probe", "linear_probe_pca", "test_mse_pca"} <= figures.keys()


def test_samples_of_another_shape_are_refused():
    model = zoo.get("dense", input_shape=(6,), latent_dim=2)
    with pytest.raises(zoo.InputError, match=r"takes samples of shape \(6,\), but those of"):
        zoo.evaluate(model, np.zeros((5, 7)))
