"""Figures of a trained model on the test split, each beside its baselines."""

import keras
import numpy as np
from sklearn.decomposition import PCA

import zoo
from recipes.recipe import Dataset
from recipes.task import task_inputs
from zoo.layers import GaussianLatent, gaussian_kl

# A code unit is active when its mean varies by more than this over the data
# (Burda et al., Importance Weighted Autoencoders, 2015, section 5.2).
ACTIVE_VARIANCE = 0.01


def mse(reconstructions: np.ndarray, samples: np.ndarray) -> float:
    """Return the mean squared error over all samples and features, in squared units of the data."""
    return float(np.mean(np.square(reconstructions - samples, dtype="float64")))


def evaluate(model: zoo.Autoencoder, dataset: Dataset) -> dict[str, float]:
    """Return the figures of a model on the test split.

    Args:
        model: A trained model; a denoising one is judged on corrupted inputs.
        dataset: Its data; baselines are fitted on the training split.

    Returns:
        `test_mse`, mean squared error per feature; `test_mse_mean`, that of always answering the
        training mean; `test_mse_pca`, that of PCA with as many components as the code has units
        (fitted on clean samples); `test_mse_over_mean` and `test_mse_over_pca`, the ratios. For a
        denoising model also `test_mse_noisy`, that of the corrupted inputs themselves, and
        `test_mse_over_noisy`; for a Gaussian code `kl_nats` per sample and `active_units`.
    """
    samples = dataset.test
    inputs = task_inputs(model, samples)
    figures = {"test_mse": mse(model.predict(inputs, verbose=0), samples)}
    baselines = {
        "mean": np.mean(dataset.train, axis=0, keepdims=True),
        "pca": pca_reconstructions(dataset.train, inputs, model.latent_dim),
    }
    if inputs is not samples:
        baselines["noisy"] = inputs
    for name, reconstructions in baselines.items():
        figures[f"test_mse_{name}"] = mse(reconstructions, samples)
        # A baseline without error, such as PCA with a component per feature, cannot be beaten.
        baseline = figures[f"test_mse_{name}"]
        figures[f"test_mse_over_{name}"] = figures["test_mse"] / max(baseline, 1e-12)
    for layer in model.encoder.layers:
        if isinstance(layer, GaussianLatent):
            posterior = keras.Model(model.encoder.input, layer.input)
            mean, log_variance = posterior.predict(samples, verbose=0)
            kl = keras.ops.convert_to_numpy(gaussian_kl(mean, log_variance))
            figures["kl_nats"] = float(kl.sum(axis=1).mean())
            figures["active_units"] = int((mean.var(axis=0) > ACTIVE_VARIANCE).sum())
    return figures


def pca_reconstructions(train: np.ndarray, inputs: np.ndarray, latent_dim: int) -> np.ndarray:
    """Reconstruct `inputs` from PCA codes of size `latent_dim`, fitted on `train`."""
    flat = train.reshape(len(train), -1)
    pca = PCA(min(latent_dim, *flat.shape), svd_solver="full" if len(flat) < 2000 else "auto")
    pca.fit(flat)
    codes = pca.transform(inputs.reshape(len(inputs), -1))
    return pca.inverse_transform(codes).reshape(inputs.shape)
