"""What a model is asked to do: give back samples, from themselves or from corrupted ones."""

import numpy as np

import zoo
from zoo.layers import Corruption, GaussianLatent

CORRUPTION_SEED = 0


def task_inputs(model: zoo.Autoencoder, samples: np.ndarray) -> np.ndarray:
    """Return the inputs from which the model is judged on giving back `samples`.

    For a denoising model these are the samples, corrupted as in training but by a fixed seed, the
    same at every call; for any other model the samples themselves.
    """
    corruption = _corruption(model)
    if corruption is None:
        return samples
    fixed = Corruption(
        corruption.kind, corruption.strength, clip=corruption.clip, seed=CORRUPTION_SEED
    )
    return np.asarray(fixed.corrupt(samples))


def is_unbounded(model: zoo.Autoencoder) -> bool:
    """Return whether the model is given inputs beyond the range of the data: by Gaussian noise."""
    corruption = _corruption(model)
    return corruption is not None and corruption.kind == "gaussian" and not corruption.clip


def _corruption(model: zoo.Autoencoder) -> Corruption | None:
    return next((layer for layer in model.encoder.layers if isinstance(layer, Corruption)), None)


def is_variational(model: zoo.Autoencoder) -> bool:
    """Return whether the code is Gaussian, so that codes drawn from N(0, 1) decode to samples."""
    return any(isinstance(layer, GaussianLatent) for layer in model.encoder.layers)


def signatures_of(model: zoo.Autoencoder) -> tuple[str, ...]:
    """Return what an exported model offers; `generate` is what a VAE's decoder is used for."""
    generate = ("generate",) if is_variational(model) else ()
    return ("reconstruct", "encode", "decode", "score", *generate)
