"""Sparse autoencoder."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from zoo.autoencoder import Autoencoder
from zoo.checks import (
    check_activations,
    check_between,
    check_choice,
    check_input_shape,
    check_sizes,
    check_whole,
)
from zoo.errors import InputError
from zoo.layers import KLSparsity, KSparse
from zoo.models.dense import dense_decoder, dense_features

# Each sparsity and the activation of the code that it is defined for.
LATENT_ACTIVATION = {"l1": "relu", "kl": "sigmoid", "k_sparse": "linear"}


def sparse(
    *,
    input_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 64,
    hidden: Sequence[int] = (),
    sparsity: str = "l1",
    sparsity_weight: float = 1e-4,
    target_rate: float = 0.05,
    k: int = 16,
    activation: str = "relu",
    output_activation: str = "sigmoid",
) -> Autoencoder:
    """Sparse autoencoder: of many code units few are active for any one sample.

    Args:
        input_shape: Shape of one sample, without the batch axis; any rank, flattened inside.
        latent_dim: Size of the code; may exceed the size of the input.
        hidden: Units of the encoder's hidden layers; the decoder mirrors them.
        sparsity: `l1`: ReLU code, its sum penalised. `kl`: sigmoid code, each unit's mean rate over
            the batch pulled to `target_rate`. `k_sparse`: linear code, the `k` largest kept.
        sparsity_weight: Weight of the `l1` penalty (sum over units, mean over samples) or of the
            `kl` penalty (sum over units, nats), against a loss averaged over features.
        target_rate: Wanted mean activation for `kl`, above 0 and below 1.
        k: Values kept for `k_sparse`, at most `latent_dim`.
        activation: Activation of the hidden layers.
        output_activation: Activation of the output: `sigmoid` for data on [0, 1].

    Returns:
        Uncompiled model, `(batch, *input_shape)` -> same shape; `encoder` -> `(batch, latent_dim)`.

    Raises:
        InputError: A size below 1, a weight below 0, a rate outside (0, 1), or `k` above
            `latent_dim`.

    Reference:
        Ng, CS294A lecture notes: Sparse autoencoder, 2011; Makhzani & Frey, k-Sparse Autoencoders,
        2013, arXiv:1312.5663.
    """
    check_input_shape("sparse", input_shape, {})
    check_whole(1, latent_dim=latent_dim, k=k)
    check_sizes(hidden=hidden)
    check_choice(tuple(LATENT_ACTIVATION), sparsity=sparsity)
    check_between(0, math.inf, sparsity_weight=sparsity_weight)
    check_between(1e-6, 1 - 1e-6, target_rate=target_rate)
    check_activations(activation=activation, output_activation=output_activation)
    if sparsity == "k_sparse" and k > latent_dim:
        raise InputError(f"k must be at most latent_dim, {latent_dim}, but got {k}.")

    # Encoder
    inputs = keras.Input(input_shape)
    features = dense_features(inputs, hidden, activation)
    code = layers.Dense(
        latent_dim,
        activation=LATENT_ACTIVATION[sparsity],
        activity_regularizer=keras.regularizers.L1(sparsity_weight) if sparsity == "l1" else None,
        name="code",
    )(features)
    if sparsity == "kl":
        code = KLSparsity(target_rate, sparsity_weight)(code)
    elif sparsity == "k_sparse":
        code = KSparse(k)(code)
    encoder = keras.Model(inputs, code, name="encoder")

    # Decoder
    decoder = dense_decoder(latent_dim, input_shape, hidden, activation, output_activation)
    return Autoencoder.join(encoder, decoder, name="sparse")
