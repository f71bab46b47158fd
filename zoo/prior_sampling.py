"""Drawing from the prior of a generative model."""

import keras
import numpy as np

from zoo.argument_checks import check_whole
from zoo.autoencoder import Autoencoder
from zoo.errors import InputError


def sample(model: Autoencoder, n: int, seed: int | None = None) -> np.ndarray:
    """Draw `n` codes from the prior N(0, I) and decode them.

    Args:
        model: A model whose code is Gaussian, such as `zoo.get("vae")`.
        n: How many samples.
        seed: Seed of the draw; the same seed gives the same samples.

    Returns:
        Decoder outputs, `(n, *sample_shape)`, float32.

    Raises:
        InputError: The model has no prior, or `n` is below 1.

    Reference:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2013, arXiv:1312.6114.
    """
    check_whole(1, n=n)
    if not model.has_prior:
        raise InputError(f"{model.name!r} has no prior to sample from: use a model such as 'vae'.")
    codes = np.random.default_rng(seed).standard_normal((n, *model.code_shape), dtype="float32")
    return keras.ops.convert_to_numpy(model.decoder.predict(codes, verbose=0))
