"""What a model is asked to do: give back samples, from themselves or from corrupted ones."""

import numpy as np

import zoo
from zoo.layers import Corruption

CORRUPTION_SEED = 0


def task_inputs(model: zoo.Autoencoder, samples: np.ndarray) -> np.ndarray:
    """Return the inputs from which the model is judged on giving back `samples`.

    For a denoising model these are the samples, corrupted as in training but by a fixed seed, the
    same at every call; for any other model the samples themselves.
    """
    for layer in model.encoder.layers:
        if isinstance(layer, Corruption):
            corruption = Corruption(layer.kind, layer.strength, seed=CORRUPTION_SEED)
            return np.asarray(corruption.corrupt(samples))
    return samples
