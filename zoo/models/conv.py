"""Convolutional autoencoder, and the convolutional bodies that other models are built around."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from zoo.argument_checks import (
    as_sizes,
    check_activations,
    check_flags,
    check_input_shape,
    check_whole,
)
from zoo.autoencoder import Autoencoder
from zoo.errors import InputError
from zoo.models.dense import dense_features, dense_layer

IMAGE = {3: "(height, width, channels)"}


def conv(
    *,
    input_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 16,
    filters: Sequence[int] = (32, 64),
    kernel_size: int = 3,
    hidden: Sequence[int] = (),
    activation: str = "relu",
    latent_activation: str = "linear",
    output_activation: str = "sigmoid",
    batch_normalization: bool = False,
    score_window: int = 1,
) -> Autoencoder:
    """Convolutional autoencoder: each stage halves height and width, down to a code vector.

    A side of odd length is rounded up when it is halved; the decoder restores the exact size.

    Args:
        input_shape: Shape of one image, `(height, width, channels)`; odd sides are fine.
        latent_dim: Size of the code; smaller than the number of values in the image.
        filters: Filters of each convolution with stride 2; the decoder mirrors them.
        kernel_size: Side of the square kernels; odd.
        hidden: Units of dense layers between the convolutions and the code; the decoder mirrors
            them.
        activation: Activation of the convolutions and the hidden layers.
        latent_activation: Activation of the code.
        output_activation: Activation of the output: `sigmoid` for data on [0, 1].
        batch_normalization: Whether the layers, except those of the code and the output, have batch
            normalisation before their activation.
        score_window: Side of the window of pixels that anomaly scores average errors over, see
            `zoo.anomaly_scoring.score`; 1 is the plain error. On images of clothes 4 detects
            anomalies better than 1.

    Returns:
        Uncompiled model, `(batch, *input_shape)` -> same shape; `encoder` -> `(batch, latent_dim)`.

    Raises:
        InputError: The shape is not that of an image, a size is below 1, the kernel size is even,
            there are no filters, the code is not smaller than the image, `score_window` is larger
            than the image, or `batch_normalization` is neither True nor False.

    Reference:
        Masci et al., Stacked Convolutional Auto-Encoders, ICANN 2011; strides in place of pooling
        as in Radford et al., 2015, arXiv:1511.06434.
    """
    filters, hidden = as_sizes("filters", filters), as_sizes("hidden", hidden)
    check_conv_body("conv", input_shape, filters, kernel_size)
    check_whole(1, latent_dim=latent_dim, score_window=score_window)
    check_flags(batch_normalization=batch_normalization)
    check_activations(
        activation=activation,
        latent_activation=latent_activation,
        output_activation=output_activation,
    )
    if latent_dim >= math.prod(input_shape):
        raise InputError(
            f"latent_dim must be smaller than the {math.prod(input_shape)} values of an input of "
            f"shape {tuple(input_shape)}, but got {latent_dim}."
        )
    if score_window > min(input_shape[:2]):
        raise InputError(
            f"score_window must fit into an image of shape {tuple(input_shape)}, but got "
            f"{score_window}."
        )

    # Encoder
    inputs = keras.Input(input_shape)
    features = conv_features(inputs, filters, kernel_size, hidden, activation, batch_normalization)
    code = layers.Dense(latent_dim, activation=latent_activation, name="code")(features)
    encoder = keras.Model(inputs, code, name="encoder")

    # Decoder
    decoder = conv_decoder(
        latent_dim,
        input_shape,
        filters,
        kernel_size,
        hidden,
        activation,
        output_activation,
        batch_normalization,
    )
    return Autoencoder.join(encoder, decoder, "conv", score_window)


def check_conv_body(
    model: str, input_shape: Sequence[int], filters: Sequence[int], kernel_size: int
) -> None:
    """Raise InputError unless a convolutional body can be built from these."""
    check_input_shape(model, input_shape, IMAGE)
    check_whole(1, kernel_size=kernel_size)
    if not filters or kernel_size % 2 == 0:
        raise InputError(
            f"{model!r} needs at least one entry in filters and an odd kernel_size, but got "
            f"filters={filters!r} and kernel_size={kernel_size!r}."
        )


def conv_features(
    inputs,
    filters: Sequence[int],
    kernel_size: int,
    hidden: Sequence[int],
    activation: str,
    batch_normalization: bool = False,
):
    """Convolve `(batch, height, width, channels)` with stride 2: -> `(batch, features)`."""
    x = inputs
    for count in filters:
        x = layers.Conv2D(count, kernel_size, 2, padding="same")(x)
        x = _activated(x, activation, batch_normalization)
    return dense_features(x, hidden, activation, batch_normalization)


def conv_decoder(
    latent_dim: int,
    input_shape: Sequence[int],
    filters: Sequence[int],
    kernel_size: int,
    hidden: Sequence[int],
    activation: str,
    output_activation: str,
    batch_normalization: bool = False,
) -> keras.Model:
    """Return `(batch, latent_dim)` -> `(batch, *input_shape)`; `filters` in encoder order."""
    # The sides of every feature map, from the input down to the smallest.
    sides = [tuple(input_shape[:2])]
    for _ in filters:
        sides.append((math.ceil(sides[-1][0] / 2), math.ceil(sides[-1][1] / 2)))

    code = keras.Input((latent_dim,))
    smallest = (*sides.pop(), filters[-1])
    x = code
    for units in [*reversed(hidden), math.prod(smallest)]:
        x = dense_layer(x, units, activation, batch_normalization)
    x = layers.Reshape(smallest)(x)
    for count in [*reversed(filters[:-1]), input_shape[-1]]:
        height, width = sides.pop()
        x = layers.Conv2DTranspose(
            count,
            kernel_size,
            2,
            padding="same",
            # A stride of 2 turns s into 2s - 1, and one more where the encoder saw an even side.
            output_padding=(1 - height % 2, 1 - width % 2),
        )(x)
        x = _activated(x, activation, batch_normalization) if sides else x
    x = layers.Activation(output_activation)(x)
    return keras.Model(code, x, name="decoder")


def _activated(x, activation: str, batch_normalization: bool):
    if batch_normalization:
        x = layers.BatchNormalization()(x)
    return layers.Activation(activation)(x)
