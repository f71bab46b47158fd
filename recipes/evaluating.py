"""Figures of a trained model on the test split, and those of baselines beside them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
from scipy.ndimage import gaussian_filter
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

import zoo
from recipes import anomalies, in_file, likelihood, probing
from recipes.dataset import Dataset, Labels
from recipes.task import is_variational, task_inputs
from zoo.layers import LSTM
from zoo.scoring import score

Encoder = Callable[[np.ndarray], np.ndarray]

# Codes drawn for each sample to estimate the likelihood with.
IMPORTANCE_DRAWS = 5000
# Standard deviations, in pixels, that the classical filter is chosen from.
FILTER_WIDTHS = (0.5, 0.75, 1.0, 1.25, 1.5)
# PSNR of a perfect reconstruction, which has none.
MOST_DECIBELS = 100.0


def mse(reconstructions: np.ndarray, samples: np.ndarray) -> float:
    """Return the mean squared error over all samples and features, in squared units of the data."""
    return float(np.mean(np.square(reconstructions - samples, dtype="float64")))


def predict(model: keras.Model, inputs: np.ndarray):
    """Return the model's outputs, computed on the CPU.

    Figures and parity must not depend on the training device: GPUs round the factors of matrix
    products to TF32.
    """
    with tf.device("CPU:0"):
        return model.predict(inputs, verbose=0)


def baselines(model: zoo.Autoencoder, dataset: Dataset) -> dict[str, float]:
    """Return the figures of what needs no such model, named as those of `evaluate` are.

    Args:
        model: A model of the size and for the task to compare with; its weights do not matter.
        dataset: Its data; baselines are fitted on the training split, of one in a file on the first
            `in_file.CHUNK_BYTES`.

    Returns:
        The figures of `reconstruction_figures` for always answering the training mean, `_mean`; for
        PCA with as many components as the code has units, fitted on clean samples, `_pca`; for a
        denoising model for the corrupted inputs themselves, `_noisy`, and for a Gaussian filter,
        `_filter`, whose width is chosen on the validation split. Of PCA and raw values also
        `linear_probe_pca` and `linear_probe_raw`; of PCA and an isolation forest (`_forest`) those
        of anomaly detection; `nll_nats_mean`, of values that are independent of each other.
    """
    samples, train = dataset.test, next(in_file.chunks(dataset.train))
    inputs = task_inputs(model, samples)
    pca = fit_pca(train, model.latent_dim)
    outputs = {
        "mean": np.broadcast_to(np.mean(train, axis=0), samples.shape),
        "pca": pca_reconstructions(pca, inputs),
    }
    if inputs is not samples:
        outputs["noisy"] = inputs
        if samples.ndim == 4:
            noisy = task_inputs(model, dataset.validation)
            width = min(
                FILTER_WIDTHS, key=lambda width: mse(_filtered(noisy, width), dataset.validation)
            )
            outputs["filter"] = _filtered(inputs, width)
    found = {
        f"{figure}_{name}": value
        for name, values in outputs.items()
        for figure, value in reconstruction_figures(values, dataset).items()
    }
    if dataset.normal_label is not None:
        forest = anomalies.fit_isolation_forest(train)
        for name, scores in (
            ("pca", lambda x: score(pca_reconstructions(pca, x), x, model.score_window)),
            ("forest", lambda x: anomalies.isolation_forest_scores(forest, x)),
        ):
            detected = _detection_figures(scores, dataset)
            found |= {f"{figure}_{name}": value for figure, value in detected.items()}
    elif dataset.labels and not dataset.binarized:
        found["linear_probe_pca"] = _linear_probe(
            lambda x: pca.transform(x.reshape(len(x), -1)), dataset, dataset.labels
        )
        found["linear_probe_raw"] = _linear_probe(lambda x: x, dataset, dataset.labels)
    if dataset.binarized:
        found["nll_nats_mean"] = found["test_bce_mean"] * math.prod(samples.shape[1:])
    return found


def evaluate(
    model: zoo.Autoencoder, dataset: Dataset, beside: Mapping[str, float]
) -> dict[str, float]:
    """Return the figures of a model on the test split.

    Args:
        model: A trained model; a denoising one is judged on corrupted inputs.
        dataset: Its data.
        beside: The figures of its `baselines`.

    Returns:
        Those of `reconstruction_figures`; `test_mse_over_mean` and so on, the ratios to baselines;
        `code_sparsity`, see `hoyer_sparsity`; for labelled data that are not binarised
        `linear_probe`, see `probing.accuracy`; where one class was trained on instead `auc`, `ap`,
        `accuracy` and `f1`, see `anomalies`, by a threshold from validation; for a Gaussian code
        `kl_nats` per sample and `active_units`, and on binarised data those of
        `likelihood.importance_weighted`.
    """
    inputs = task_inputs(model, dataset.test)
    figures = reconstruction_figures(predict(model, inputs), dataset)
    for name in ("mean", "pca", "noisy", "filter"):
        # PCA with a component per feature has no error but rounding: nothing to compare with.
        if beside.get(f"test_mse_{name}", 0) > 1e-9:
            figures[f"test_mse_over_{name}"] = figures["test_mse"] / beside[f"test_mse_{name}"]
    figures["code_sparsity"] = hoyer_sparsity(predict(model.encoder, inputs))
    if dataset.normal_label is not None:
        figures |= _detection_figures(
            lambda x: score(predict(model, x), x, model.score_window), dataset
        )
    elif dataset.labels and not dataset.binarized:
        figures["linear_probe"] = _linear_probe(
            lambda x: predict(model.encoder, x), dataset, dataset.labels
        )
    if is_variational(model):
        q = likelihood.posterior(model, dataset.test)
        figures["kl_nats"], figures["active_units"] = q.kl_nats(), q.active_units()
        if dataset.binarized:
            figures |= likelihood.importance_weighted(model, dataset.test, IMPORTANCE_DRAWS)
    return figures


def measures(
    figure: str, model: zoo.Autoencoder, dataset: Dataset
) -> dict[str, Callable[[np.ndarray], float]]:
    """Return what computes a figure of `evaluate` from reconstructions of the test split, by name.

    Nothing for `test_mse`, which artefacts bear anyway, and for what needs more: codes, or their
    distribution.
    """
    samples = dataset.test
    if figure == "test_bce":
        return {figure: lambda reconstructions: _cross_entropy(reconstructions, samples)}
    if figure == "auc":
        anomalous = dataset.anomalous
        return {
            figure: lambda reconstructions: float(
                roc_auc_score(anomalous, score(reconstructions, samples, model.score_window))
            )
        }
    return {}


def reconstruction_figures(reconstructions: np.ndarray, dataset: Dataset) -> dict[str, float]:
    """Return how near reconstructions of the test split are to it.

    Returns:
        `test_mse`, mean squared error per value; for values on [0, 1] `test_bce`, mean binary
        cross-entropy per value in nats, of reconstructions cut off at Keras's epsilon; for images
        with such values the means over the images of `test_psnr`, in decibels, and `test_ssim`
        (Wang et al., Image Quality Assessment, 2004; its window at most as large as the image).
    """
    samples = dataset.test
    figures = {"test_mse": mse(reconstructions, samples)}
    if dataset.value_range != (0, 1):
        return figures
    figures["test_bce"] = _cross_entropy(reconstructions, samples)
    if samples.ndim == 4:
        psnr = tf.image.psnr(samples, reconstructions, 1.0)
        figures["test_psnr"] = float(tf.reduce_mean(tf.minimum(psnr, MOST_DECIBELS)))
        window = min(11, *samples.shape[1:3])
        ssim = tf.image.ssim(samples, reconstructions, 1.0, filter_size=window)
        figures["test_ssim"] = float(tf.reduce_mean(ssim))
    return figures


def multiply_adds(model: zoo.Autoencoder) -> int:
    """Return the multiply-adds of one reconstruction in dense, convolutional and LSTM layers."""
    total = 0
    for layer in [*model.encoder.layers, *model.decoder.layers]:
        if isinstance(layer, keras.layers.LSTM):
            steps = layer.input.shape[1]
            once = isinstance(layer, LSTM) and layer.constant_input
            total += (1 if once else steps) * math.prod(layer.cell.kernel.shape)
            total += steps * math.prod(layer.cell.recurrent_kernel.shape)
        elif isinstance(layer, keras.layers.Conv2DTranspose):
            total += math.prod(layer.input.shape[1:-1]) * math.prod(layer.kernel.shape)
        elif isinstance(layer, keras.layers.Dense | keras.layers.Conv2D):
            total += math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    return total


def fit_pca(train: np.ndarray, latent_dim: int) -> PCA:
    """Fit PCA with `latent_dim` components, or as many as there can be."""
    flat = train.reshape(len(train), -1)
    solver = "full" if len(flat) < 2000 else "auto"
    return PCA(min(latent_dim, *flat.shape), svd_solver=solver, random_state=0).fit(flat)


def pca_reconstructions(pca: PCA, inputs: np.ndarray) -> np.ndarray:
    """Reconstruct `inputs`, `(samples, *sample_shape)`, from their PCA codes."""
    codes = pca.transform(inputs.reshape(len(inputs), -1))
    return pca.inverse_transform(codes).reshape(inputs.shape)


def _cross_entropy(reconstructions: np.ndarray, samples: np.ndarray) -> float:
    return float(keras.losses.BinaryCrossentropy()(samples, np.clip(reconstructions, 0, 1)))


def _filtered(images: np.ndarray, width: float) -> np.ndarray:
    return gaussian_filter(images, width, axes=(1, 2))


def _linear_probe(encode: Encoder, dataset: Dataset, labels: Labels) -> float:
    train = next(in_file.chunks(dataset.train))
    codes = [encode(samples) for samples in (train, dataset.validation, dataset.test)]
    return probing.accuracy(codes, replace(labels, train=labels.train[: len(train)]))


def _detection_figures(scores: Encoder, dataset: Dataset) -> dict[str, float]:
    assert dataset.anomalies is not None
    assert dataset.anomalous is not None
    found, anomalous = scores(dataset.test), dataset.anomalous
    threshold = anomalies.choose_threshold(scores(dataset.validation), scores(dataset.anomalies))
    return anomalies.ranking(found, anomalous) | anomalies.detection(found, anomalous, threshold)


def hoyer_sparsity(codes: np.ndarray) -> float:
    """Return the mean sparsity of codes, `(samples, latent_dim)`: 0 for all equal, 1 for one unit.

    Reference:
        Hoyer, Non-negative Matrix Factorization with Sparseness Constraints, JMLR 5 (2004).
    """
    root = np.sqrt(codes.shape[1])
    if root == 1:
        return 1.0
    l1, l2 = np.abs(codes).sum(axis=1), np.sqrt(np.square(codes).sum(axis=1))
    # A code of zeros has no direction; it counts as not sparse.
    ratio = np.divide(l1, l2, out=np.full_like(l1, root), where=l2 > 0)
    return float(np.mean((root - ratio) / (root - 1)))
