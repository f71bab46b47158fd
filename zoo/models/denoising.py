"""Denoising autoencoder."""

import math
from collections.abc import Sequence

import keras

from zoo.argument_checks import (
    check_between,
    check_choice,
    check_flags,
    check_input_shape,
    check_unused,
)
from zoo.autoencoder import Autoencoder
from zoo.layers import CORRUPTIONS, Corruption
from zoo.models.conv import IMAGE, conv
from zoo.models.dense import dense


def denoising(
    *,
    input_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 32,
    corruption: str = "gaussian",
    strength: float = 0.3,
    clip: bool = False,
    body: str = "dense",
    hidden: Sequence[int] = (128, 64),
    filters: Sequence[int] = (32, 64),
    activation: str = "relu",
    output_activation: str = "sigmoid",
    batch_normalization: bool = False,
) -> Autoencoder:
    """Denoising autoencoder: it learns to reconstruct the clean input from a corrupted one.

    `fit(x, x)` trains it: the corruption is a layer, active in training only.

    Args:
        input_shape: Shape of one sample, without the batch axis; for the `conv` body an image's.
        latent_dim: Size of the code.
        corruption: `gaussian`, `masking` or `salt_and_pepper`.
        strength: For `gaussian` the standard deviation, in units of the input, at least 0; for the
            others the share of values that is corrupted, 0 to 1.
        clip: Whether corrupted values are clipped to [0, 1].
        body: `dense` or `conv`, as in the models of those names.
        hidden: Units of the hidden layers; in the `conv` body they lie between the convolutions
            and the code.
        filters: Filters of the convolutions of the `conv` body.
        activation: Activation of the hidden layers.
        output_activation: Activation of the output: `sigmoid` for data on [0, 1].
        batch_normalization: As in the models of those names.

    Returns:
        Uncompiled model, `(batch, *input_shape)` -> same shape; `encoder` -> `(batch, latent_dim)`.

    Raises:
        InputError: The corruption or the body is unknown, the strength is out of range, the body
            refuses a size, or `filters` are set for the `dense` body.

    Reference:
        Vincent et al., Stacked Denoising Autoencoders, JMLR 11 (2010).
    """
    check_choice(CORRUPTIONS, corruption=corruption)
    check_choice(("dense", "conv"), body=body)
    check_flags(clip=clip)
    check_between(0, math.inf if corruption == "gaussian" else 1, strength=strength)
    check_input_shape("denoising", input_shape, {} if body == "dense" else IMAGE)
    if body == "dense":
        check_unused(denoising, "body='dense'", filters=filters)
    shared = {
        "input_shape": input_shape,
        "latent_dim": latent_dim,
        "hidden": hidden,
        "activation": activation,
        "output_activation": output_activation,
        "batch_normalization": batch_normalization,
    }
    plain = dense(**shared) if body == "dense" else conv(filters=filters, **shared)

    # Encoder: the plain one's layers behind a corruption.
    inputs = keras.Input(input_shape)
    x = Corruption(corruption, strength, clip=clip, name="corruption")(inputs)
    for layer in plain.encoder.layers[1:]:
        x = layer(x)
    encoder = keras.Model(inputs, x, name="encoder")
    return Autoencoder.join(encoder, plain.decoder, name="denoising")
