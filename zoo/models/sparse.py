"""Sparse autoencoder."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from zoo.argument_checks import (
    as_sizes,
    check_activations,
    check_between,
    check_choice,
    check_input_shape,
    check_unused,
    check_whole,
)
from zoo.autoencoder import Autoencoder
from zoo.errors import InputError
from zoo.layers import KLSparsity, KSparse, KSparseMaps
from zoo.models.conv import IMAGE, check_conv_body
from zoo.models.dense import dense_decoder, dense_features

# Each sparsity and the activation of the code that it is defined for.
LATENT_ACTIVATION = {"l1": "relu", "kl": "sigmoid", "k_sparse": "linear"}


def sparse(
    *,
    input_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 64,
    body: str = "dense",
    hidden: Sequence[int] = (),
    filters: Sequence[int] = (16,),
    kernel_size: int = 5,
    pool_size: int = 4,
    sparsity: str = "l1",
    sparsity_weight: float = 1e-4,
    target_rate: float = 0.05,
    k: int = 16,
    activation: str = "relu",
    output_activation: str = "sigmoid",
) -> Autoencoder:
    """Sparse autoencoder: few of its many code units are active for any one sample.

    Args:
        input_shape: Shape of one sample, without the batch axis; any rank, flattened inside; for
            the `conv` body an image's.
        latent_dim: Size of the code; it may be larger than the input. In the `conv` body the code
            is a flattened set of pooled feature maps, so its size must be a multiple of the number
            of their positions: 7x7 = 49 for images of 28x28.
        body: `dense` or `conv`. In the `conv` body convolutions and max-pooling encode, and one
            transposed convolution decodes: each code unit adds one patch to the image.
        hidden: Units of the hidden layers of the `dense` body's encoder; its decoder mirrors them.
        filters: Filters of the convolutions of the `conv` body before the one that makes the code.
        kernel_size: Side of their square kernels; odd.
        pool_size: Side of the windows of the max-pooling after them.
        sparsity: `l1` penalises the sum of a ReLU code. `kl` pulls the mean activation of each unit
            of a sigmoid code, over the batch, to `target_rate`. `k_sparse` keeps the `k` largest
            values of a linear code; in the `conv` body those of each map, see
            `zoo.layers.KSparseMaps`.
        sparsity_weight: Weight of the `l1` penalty (sum over units, mean over samples) or of the
            `kl` penalty (sum over units, nats), against a loss averaged over features.
        target_rate: Wanted mean activation for `kl`, above 0 and below 1.
        k: Number of values that `k_sparse` keeps: at most `latent_dim`, and in the `conv` body less
            than the number of positions of a map.
        activation: Activation of the hidden layers and of the convolutions before the code.
        output_activation: Activation of the output: `sigmoid` for data on [0, 1].

    Returns:
        Uncompiled model, `(batch, *input_shape)` -> same shape; `encoder` -> `(batch, latent_dim)`.

    Raises:
        InputError: A size is below 1, a weight is below 0, a rate is outside (0, 1), the body or
            the sparsity is unknown, `k` is too large, in the `conv` body `latent_dim` is no
            multiple of the positions of a map, or an argument is set that the chosen body or
            sparsity makes no use of.

    Reference:
        Ng, CS294A lecture notes: Sparse autoencoder, 2011; Makhzani & Frey, k-Sparse Autoencoders,
        2013, arXiv:1312.5663; the `conv` body after their Winner-Take-All Autoencoders, 2015,
        arXiv:1409.2752, section 3, which keep one value of each map and pool behind the code.
    """
    check_choice(("dense", "conv"), body=body)
    check_input_shape("sparse", input_shape, {} if body == "dense" else IMAGE)
    check_whole(1, latent_dim=latent_dim, k=k)
    check_choice(tuple(LATENT_ACTIVATION), sparsity=sparsity)
    check_between(0, math.inf, sparsity_weight=sparsity_weight)
    check_between(1e-6, 1 - 1e-6, target_rate=target_rate)
    check_activations(activation=activation, output_activation=output_activation)
    _check_unused(sparsity, sparsity_weight, target_rate, k)
    latent_activation = LATENT_ACTIVATION[sparsity]

    # Code and decoder
    inputs = keras.Input(input_shape)
    if body == "dense":
        check_unused(
            sparse, "body='dense'", filters=filters, kernel_size=kernel_size, pool_size=pool_size
        )
        hidden = as_sizes("hidden", hidden)
        _check_k(sparsity, k, latent_dim, "latent_dim")
        features = dense_features(inputs, hidden, activation)
        code = layers.Dense(latent_dim, activation=latent_activation, name="code")(features)
        if sparsity == "k_sparse":
            code = KSparse(k)(code)
        decoder = dense_decoder(latent_dim, input_shape, hidden, activation, output_activation)
    else:
        check_unused(sparse, "body='conv'", hidden=hidden)
        filters = as_sizes("filters", filters)
        check_conv_body("sparse", input_shape, filters, kernel_size)
        check_whole(1, pool_size=pool_size)
        height, width = (math.ceil(side / pool_size) for side in input_shape[:2])
        _check_k(sparsity, k, height * width - 1, "the positions of a map but one")
        if latent_dim % (height * width):
            raise InputError(
                f"latent_dim must be a multiple of {height * width}, the {height}x{width} "
                f"positions left after pooling, but got {latent_dim}."
            )
        maps = inputs
        for count in filters:
            maps = layers.Conv2D(count, kernel_size, padding="same", activation=activation)(maps)
        maps = layers.Conv2D(
            latent_dim // (height * width),
            kernel_size,
            padding="same",
            activation=latent_activation,
            # A bias would cancel: KSparseMaps keeps differences between values of a map.
            use_bias=sparsity != "k_sparse",
        )(maps)
        maps = layers.MaxPooling2D(pool_size, padding="same")(maps)
        if sparsity == "k_sparse":
            maps = KSparseMaps(k)(maps)
        code = layers.Flatten(name="code")(maps)
        decoder = _patches(maps.shape[1:], input_shape, pool_size, output_activation)
    if sparsity == "l1":
        # In half precision the sum would be rounded to three digits, or overflow.
        exact = keras.config.floatx()
        code = layers.ActivityRegularization(l1=sparsity_weight, dtype=exact)(code)
    if sparsity == "kl":
        code = KLSparsity(target_rate, sparsity_weight)(code)
    encoder = keras.Model(inputs, code, name="encoder")
    return Autoencoder.join(encoder, decoder, name="sparse")


def _check_unused(sparsity: str, sparsity_weight: float, target_rate: float, k: int) -> None:
    chosen = f"sparsity={sparsity!r}"
    if sparsity == "k_sparse":
        check_unused(sparse, chosen, sparsity_weight=sparsity_weight)
    else:
        check_unused(sparse, chosen, k=k)
    if sparsity != "kl":
        check_unused(sparse, chosen, target_rate=target_rate)


def _check_k(sparsity: str, k: int, most: int, what: str) -> None:
    if sparsity == "k_sparse" and k > most:
        raise InputError(f"k must be at most {what}, {most}, but got {k}.")


def _patches(
    maps_shape: tuple[int, int, int], input_shape: Sequence[int], stride: int, activation: str
) -> keras.Model:
    """Return `(batch, code)` -> `(batch, *input_shape)`, the sum of a patch for each unit."""
    code = keras.Input((math.prod(maps_shape),))
    x = layers.Reshape(maps_shape)(code)
    # A patch overlaps the next ones by its stride on each side.
    x = layers.Conv2DTranspose(input_shape[-1], 3 * stride, stride, padding="same")(x)
    surplus = [stride * n - side for n, side in zip(maps_shape, input_shape[:2], strict=False)]
    if any(surplus):
        x = layers.Cropping2D([(0, count) for count in surplus])(x)
    return keras.Model(code, layers.Activation(activation)(x), name="decoder")
