"""Baselines: as strong as they honestly can be, and the strongest one stands beside a headline."""

import random
from dataclasses import replace

import numpy as np
import pytest

import zoo
from zoo import data, evaluation
from zoo.data import memmap_reading
from zoo.evaluation.figure_table import FIGURES
from zoo.evaluation.model_outputs import Inputs
from zoo.quality_gate import Gate
from zoo.results.headline_figure import headline


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", max_samples=200)


def test_a_denoising_model_stands_beside_a_linear_regression_within_the_range(digits):
    model = zoo.get("denoising", input_shape=(8, 8, 1), strength=0.3)
    found = evaluation.baselines(model, digits)
    clean = np.concatenate([digits.train, digits.validation])
    noisy = model.corrupt(clean).reshape(-1, 64)
    with_ones = np.hstack([noisy, np.ones((len(noisy), 1))])
    weights, *_ = np.linalg.lstsq(with_ones, clean.reshape(-1, 64), rcond=None)
    test = model.corrupt(digits.test).reshape(-1, 64)
    rebuilt = np.hstack([test, np.ones((len(test), 1))]) @ weights
    error = np.mean((rebuilt.clip(0, 1) - digits.test.reshape(-1, 64)) ** 2)
    # The regression of the baseline has a slight penalty.
    assert found["test_mse_linear"] == pytest.approx(error, rel=0.05)
    assert found["test_mse_linear"] < found["test_mse_noisy"]
    assert np.isfinite(found["test_bce_linear"])
    plain = zoo.get("dense", input_shape=(8, 8, 1))
    assert "test_mse_linear" not in evaluation.baselines(plain, digits)


def test_a_probe_stands_beside_the_same_net_untrained(digits):
    model = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=8)
    before = random.getstate()
    inputs = Inputs(model, digits)
    again = Inputs(model, digits).untrained.get_weights()
    assert random.getstate() == before
    for mine, second, trained in zip(
        inputs.untrained.get_weights(), again, model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, second)
        assert mine.ndim == 1 or not np.array_equal(mine, trained)
    found = evaluation.baselines(model, digits)
    assert 0.3 < found["linear_probe_untrained"] < 1


@pytest.mark.parametrize(
    ("figure", "values", "expected"),
    [
        ("test_mse", {"mean": 0.3, "pca": 0.1, "linear": 0.05}, "linear regression"),
        ("test_bce", {"mean": 0.3, "pca": 0.4}, "mean"),
        ("linear_probe", {"raw": 0.9, "pca": 0.8, "untrained": 0.95}, "untrained"),
        ("auc", {"pca": 0.7, "forest": 0.8}, "isolation forest"),
        ("auc", {}, ""),
        ("code_sparsity", {}, ""),
    ],
)
def test_a_headline_stands_beside_the_strongest_baseline(figure, values, expected):
    figures = {figure: 0.5, **{f"{figure}_{name}": value for name, value in values.items()}}
    found = headline(Gate(figure), "", figures, [{"figures": figures}])
    assert found["baseline"] == expected
    if expected:
        best = min if FIGURES[figure].direction == "lower" else max
        assert found["baseline_value"] == best(values.values())


def test_of_splits_in_files_baselines_take_a_part(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(memmap_reading, "CHUNK_BYTES", 50 * digits.train[0].nbytes)
    parts = []
    for name in ("train", "validation"):
        split = getattr(digits, name)
        part = np.lib.format.open_memmap(tmp_path / f"{name}.npy", "w+", split.dtype, split.shape)
        part[:] = split
        part.flush()
        parts.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
    streamed = replace(digits, train=parts[0], validation=parts[1])
    model = zoo.get("dense", input_shape=(8, 8, 1))
    assert len(digits.validation) > 10
    expected = np.concatenate([digits.train[:50], digits.validation[:50]])
    np.testing.assert_array_equal(Inputs(model, streamed).fitted, expected)
