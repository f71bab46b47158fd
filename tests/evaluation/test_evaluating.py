"""Figures and baselines against values computed by hand."""

import numpy as np
import pytest

import zoo
from zoo import data, evaluation
from zoo.evaluation.sparsity import hoyer_sparsity


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


def evaluate(model, dataset):
    beside = evaluation.baselines(model, dataset)
    return {**evaluation.evaluate(model, dataset, beside), **beside}


def test_figures_stand_beside_the_baselines_they_name(digits):
    model = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=5, hidden=())
    figures = evaluate(model, digits)
    x = digits.test.astype("float64")
    train = np.concatenate([digits.train, digits.validation]).astype("float64")
    y = model.predict(digits.test, verbose=0)
    assert figures["test_mse"] == pytest.approx(np.mean((y - x) ** 2))
    mean = train.mean(axis=0)
    assert figures["test_mse_mean"] == pytest.approx(np.mean((x - mean) ** 2))
    # PCA by hand: the five right singular vectors of the centred images.
    _, _, components = np.linalg.svd((train - mean).reshape(len(train), -1), full_matrices=False)
    centred = (x - mean).reshape(len(x), -1)
    residual = centred - centred @ components[:5].T @ components[:5]
    assert figures["test_mse_pca"] == pytest.approx(np.mean(residual**2), rel=1e-4)
    ratio = figures["test_mse"] / figures["test_mse_pca"]
    assert figures["test_mse_over_pca"] == pytest.approx(ratio)


def test_pca_without_error_is_no_baseline_to_divide_by(digits):
    model = zoo.get("sparse", input_shape=(8, 8, 1), latent_dim=64)
    figures = evaluate(model, digits)
    assert figures["test_mse_pca"] < 1e-9
    assert "test_mse_over_pca" not in figures


def test_a_denoising_model_is_judged_on_corrupted_inputs(digits):
    model = zoo.get("denoising", input_shape=(8, 8, 1), corruption="masking", strength=0.5)
    figures = evaluate(model, digits)
    noisy = model.corrupt(digits.test)
    assert (noisy == 0).mean() > 0.5
    y = model.predict(noisy, verbose=0)
    assert figures["test_mse"] == pytest.approx(np.mean((y - digits.test) ** 2), rel=1e-5)
    noise = np.mean((noisy - digits.test) ** 2)
    assert figures["test_mse_noisy"] == pytest.approx(noise, rel=1e-5)


def test_kl_and_active_units_of_a_gaussian_code(digits):
    model = zoo.get("vae", input_shape=(8, 8, 1), latent_dim=3, hidden=())
    mean, log_variance = model.encoder.get_layer("mean"), model.encoder.get_layer("log_variance")
    kernel = np.zeros(mean.kernel.shape, "float32")
    # The first unit's mean is a pixel, the second's a constant, the third's 0; variances are 4.
    kernel[20, 0] = 1
    mean.set_weights([kernel, np.array([0, 2, 0], "float32")])
    log_variance.set_weights([0 * kernel, np.full(3, np.log(4), "float32")])
    figures = evaluate(model, digits)
    pixel = digits.test.reshape(len(digits.test), -1)[:, 20]
    expected = 0.5 * (np.mean(pixel.astype("float64") ** 2) + 4 + 3 * (4 - 1 - np.log(4)))
    assert figures["kl_nats"] == pytest.approx(expected, rel=1e-5)
    assert figures["active_units"] == 1


@pytest.mark.parametrize(
    ("codes", "sparsity"),
    [([[1, 1, 1, 1]], 0), ([[0, -3, 0, 0]], 1), ([[0, 0, 0, 0]], 0), ([[3, 4, 0, 0]], 0.6)],
)
def test_hoyer_sparsity(codes, sparsity):
    # For (3, 4, 0, 0): (sqrt(4) - 7 / 5) / (sqrt(4) - 1).
    assert hoyer_sparsity(np.array(codes, "float32")) == pytest.approx(sparsity)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("dense", {"hidden": (5,)}, 2 * (64 * 5 + 5 * 4)),
        # 8x8 -> 4x4x2 -> code 4, and back.
        ("conv", {"filters": (2,)}, 2 * (16 * 9 * 2 + 32 * 4)),
        # 8 steps of 8 values; the decoder takes the code in once.
        ("lstm", {"units": 3}, 8 * 12 * (8 + 3) + 3 * 4 + 12 * 4 + 8 * 12 * 3 + 8 * 3 * 8),
    ],
)
def test_multiply_adds_by_hand(name, arguments, expected):
    model = zoo.get(name, input_shape=(8, 8, 1), latent_dim=4, **arguments)
    assert evaluation.multiply_adds(model) == expected
