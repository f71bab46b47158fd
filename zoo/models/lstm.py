"""LSTM autoencoder for sequences."""

import math
from collections.abc import Sequence

import keras
from keras import layers, ops

from zoo.argument_checks import check_activations, check_input_shape, check_whole
from zoo.autoencoder import Autoencoder
from zoo.errors import InputError
from zoo.layers import LSTM


def lstm(
    *,
    input_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 32,
    units: int = 64,
    frame_length: int = 1,
    output_activation: str = "sigmoid",
) -> Autoencoder:
    """LSTM autoencoder: one LSTM reads the sequence into a code, another writes it back.

    The decoder gets the code, and nothing else, at every step. It writes the sequence backwards, so
    that its first steps are those that the encoder saw last.

    Args:
        input_shape: Shape of one sequence, `(time, features)`, or of one image, `(height, width,
            channels)`, which is read row by row.
        latent_dim: Size of the code.
        units: Units of each LSTM.
        frame_length: Number of time steps, or rows, that the LSTMs read and write at once; it must
            divide the length of the sequence. Long sequences train faster and better in frames.
        output_activation: Activation of the output: `sigmoid` for data on [0, 1], `linear` for
            unbounded data.

    Returns:
        Uncompiled model, `(batch, *input_shape)` -> same shape; `encoder` -> `(batch, latent_dim)`.

    Raises:
        InputError: The shape is neither that of a sequence nor that of an image, a size is below 1,
            or the frame length does not divide the length of the sequence.

    Reference:
        Srivastava et al., Unsupervised Learning of Video Representations using LSTMs, 2015,
        arXiv:1502.04681, section 2.2 (the unconditioned decoder, target reversed).
    """
    axes = {2: "(time, features)", 3: "(height, width, channels)"}
    check_input_shape("lstm", input_shape, axes)
    check_whole(1, latent_dim=latent_dim, units=units, frame_length=frame_length)
    check_activations(output_activation=output_activation)
    if input_shape[0] % frame_length:
        raise InputError(
            f"frame_length must divide the {input_shape[0]} steps of an input of shape "
            f"{tuple(input_shape)}, but got {frame_length}."
        )
    frames = input_shape[0] // frame_length
    features = math.prod(input_shape) // frames

    # Encoder
    inputs = keras.Input(input_shape)
    x = layers.Reshape((frames, features))(inputs)
    x = LSTM(units)(x)
    encoder = keras.Model(inputs, layers.Dense(latent_dim, name="code")(x), name="encoder")

    # Decoder
    code = keras.Input((latent_dim,))
    x = layers.RepeatVector(frames)(code)
    x = LSTM(units, constant_input=True, return_sequences=True)(x)
    x = layers.Dense(features, activation=output_activation)(x)
    x = ops.flip(x, axis=1)
    decoder = keras.Model(code, layers.Reshape(tuple(input_shape))(x), name="decoder")
    return Autoencoder.join(encoder, decoder, name="lstm")
