"""Figures of a trained model on the test split, each beside its baselines."""

import math

import keras
import numpy as np
import tensorflow as tf
from sklearn.decomposition import PCA

import zoo
from recipes import in_file
from recipes.recipe import Dataset
from recipes.task import task_inputs
from zoo.layers import LSTM, GaussianLatent, gaussian_kl

# A code unit is active when its mean varies by more than this over the data
# (Burda et al., Importance Weighted Autoencoders, 2015, section 5.2).
ACTIVE_VARIANCE = 0.01


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


def evaluate(model: zoo.Autoencoder, dataset: Dataset) -> dict[str, float]:
    """Return the figures of a model on the test split.

    Args:
        model: A trained model; a denoising one is judged on corrupted inputs.
        dataset: Its data; baselines are fitted on the training split, of one in a file on the first
            `in_file.CHUNK_BYTES`.

    Returns:
        `test_mse`, mean squared error per feature; `test_mse_mean`, that of always answering the
        training mean; `test_mse_pca`, that of PCA with as many components as the code has units
        (fitted on clean samples); `test_mse_over_mean` and `test_mse_over_pca`, the ratios. For a
        denoising model also `test_mse_noisy`, that of the corrupted inputs themselves, and
        `test_mse_over_noisy`; `code_sparsity`, see `hoyer_sparsity`; for a Gaussian code `kl_nats`
        per sample and `active_units`.
    """
    samples = dataset.test
    train = next(in_file.chunks(dataset.train))
    inputs = task_inputs(model, samples)
    figures = {"test_mse": mse(predict(model, inputs), samples)}
    baselines = {
        "mean": np.mean(train, axis=0, keepdims=True),
        "pca": pca_reconstructions(train, inputs, model.latent_dim),
    }
    if inputs is not samples:
        baselines["noisy"] = inputs
    for name, reconstructions in baselines.items():
        figures[f"test_mse_{name}"] = mse(reconstructions, samples)
        # PCA with a component per feature has no error but rounding: nothing to compare with.
        if figures[f"test_mse_{name}"] > 1e-9:
            figures[f"test_mse_over_{name}"] = figures["test_mse"] / figures[f"test_mse_{name}"]
    figures["code_sparsity"] = hoyer_sparsity(predict(model.encoder, inputs))
    for layer in model.encoder.layers:
        if isinstance(layer, GaussianLatent):
            posterior = keras.Model(model.encoder.input, layer.input)
            mean, log_variance = predict(posterior, samples)
            kl = keras.ops.convert_to_numpy(gaussian_kl(mean, log_variance))
            figures["kl_nats"] = float(kl.sum(axis=1).mean())
            figures["active_units"] = int((mean.var(axis=0) > ACTIVE_VARIANCE).sum())
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


def pca_reconstructions(train: np.ndarray, inputs: np.ndarray, latent_dim: int) -> np.ndarray:
    """Reconstruct `inputs` from PCA codes of size `latent_dim`, fitted on `train`."""
    flat = train.reshape(len(train), -1)
    pca = PCA(min(latent_dim, *flat.shape), svd_solver="full" if len(flat) < 2000 else "auto")
    pca.fit(flat)
    codes = pca.transform(inputs.reshape(len(inputs), -1))
    return pca.inverse_transform(codes).reshape(inputs.shape)


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
