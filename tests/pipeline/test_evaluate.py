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


def test_a_model_that_is_no_better_than_the_mean_is_warned_of(rng, caplog):
    x = 0.1 * rng.random((200, 6), dtype="float32")
    # Untrained, it answers with values near 0.5.
    model = zoo.get("dense", input_shape=(6,), latent_dim=2)
    zoo.evaluate(model, x[:50], train=x[50:])
    assert "The model is no better than the training mean: train it longer" in caplog.text


def test_a_data_set_brings_labels_and_baselines(caplog):
    model = zoo.get("dense", weights="digits")
    figures = zoo.evaluate(model, zoo.data.load("digits"))
    assert not [record for record in caplog.records if record.name.startswith("zoo")]
    assert figures["test_mse"] == pytest.approx(0.01157, rel=1e-3)
    assert {"linear_probe", "linear_probe_pca", "test_mse_pca"} <= figures.keys()


def test_samples_of_another_shape_are_refused():
    model = zoo.get("dense", input_shape=(6,), latent_dim=2)
    with pytest.raises(zoo.InputError, match=r"takes samples of shape \(6,\), but those of"):
        zoo.evaluate(model, np.zeros((5, 7)))
