"""Dense autoencoder, and the dense bodies that other models are built around."""

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


def dense(
    *,
    input_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 32,
    hidden: Sequence[int] = (128, 64),
    activation: str = "relu",
    latent_activation: str = "linear",
    output_activation: str = "sigmoid",
    batch_normalization: bool = False,
) -> Autoencoder:
    """Dense autoencoder: hidden layers, a code, and the same hidden layers in reverse.

    `latent_dim=3, hidden=(128, 64, 12)` on 28x28 images is the textbook network
    784-128-64-12-3-12-64-128-784; `input_shape=(2,), latent_dim=3, hidden=()` is 2-3-2;
    `input_shape=(640,), latent_dim=8, hidden=(128,) * 4, latent_activation="relu",
    output_activation="linear", batch_normalization=True` is MLPerf Tiny's for anomaly detection.

    Args:
        input_shape: Shape of one sample, without the batch axis; any rank, flattened inside.
        latent_dim: Size of the code.
        hidden: Units of the encoder's hidden layers; the decoder mirrors them.
        activation: Activation of the hidden layers.
        latent_activation: Activation of the code.
        output_activation: Activation of the output: `sigmoid` for data on [0, 1], `tanh` for data
            on [-1, 1], `linear` for unbounded data.
        batch_normalization: Whether the layers, that of the code too but not that of the output,
            have batch normalisation before their activation.

    Returns:
        Uncompiled model, `(batch, *input_shape)` -> same shape; `encoder` -> `(batch, latent_dim)`.

    Raises:
        InputError: A size is below 1, an activation is unknown, or `batch_normalization` is neither
            True nor False.

    Reference:
        Hinton & Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, Science
        313 (2006); Ioffe & Szegedy, Batch Normalization, 2015, arXiv:1502.03167; Banbury et al.,
        MLPerf Tiny Benchmark, 2021, arXiv:2106.07597.
    """
    check_input_shape("dense", input_shape, {})
    check_whole(1, latent_dim=latent_dim)
    hidden = as_sizes("hidden", hidden)
    check_flags(batch_normalization=batch_normalization)
    check_activations(
        activation=activation,
        latent_activation=latent_activation,
        output_activation=output_activation,
    )

    # Encoder
    inputs = keras.Input(input_shape)
    features = dense_features(inputs, hidden, activation, batch_normalization)
    code = dense_layer(features, latent_dim, latent_activation, batch_normalization, name="code")
    encoder = keras.Model(inputs, code, name="encoder")

    # Decoder
    decoder = dense_decoder(
        latent_dim, input_shape, hidden, activation, output_activation, batch_normalization
    )
    return Autoencoder.join(encoder, decoder, name="dense")


def dense_features(
    inputs, hidden: Sequence[int], activation: str, batch_normalization: bool = False
):
    """Flatten `(batch, ...)` and apply the hidden layers: -> `(batch, last of hidden)`."""
    x = layers.Flatten()(inputs)
    for units in hidden:
        x = dense_layer(x, units, activation, batch_normalization)
    return x


def dense_decoder(
    latent_dim: int,
    input_shape: Sequence[int],
    hidden: Sequence[int],
    activation: str,
    output_activation: str,
    batch_normalization: bool = False,
) -> keras.Model:
    """Return `(batch, latent_dim)` -> `(batch, *input_shape)`; `hidden` in encoder order."""
    code = keras.Input((latent_dim,))
    x = code
    for units in reversed(hidden):
        x = dense_layer(x, units, activation, batch_normalization)
    x = dense_layer(x, math.prod(input_shape), output_activation)
    return keras.Model(code, layers.Reshape(tuple(input_shape))(x), name="decoder")


def dense_layer(
    x,
    units: int,
    activation: str,
    batch_normalization: bool = False,
    name: str | None = None,
):
    """Apply a dense layer, with batch normalisation if wanted: -> `(batch, units)`."""
    if not batch_normalization:
        return layers.Dense(units, activation=activation, name=name)(x)
    # The bias does nothing that the normalisation's own offset does not; MLPerf's nets have both.
    x = layers.Dense(units)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation(activation, name=name)(x)
