"""Variational autoencoder."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from zoo.argument_checks import (
    as_sizes,
    check_activations,
    check_between,
    check_choice,
    check_flags,
    check_input_shape,
    check_unused,
    check_whole,
)
from zoo.autoencoder import Autoencoder
from zoo.layers import GaussianLatent
from zoo.models.conv import check_conv_body, conv_decoder, conv_features
from zoo.models.dense import dense_decoder, dense_features


def vae(
    *,
    input_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 20,
    body: str = "dense",
    hidden: Sequence[int] = (400,),
    filters: Sequence[int] = (32, 64),
    kernel_size: int = 3,
    activation: str = "relu",
    output_activation: str = "sigmoid",
    batch_normalization: bool = False,
    likelihood: str = "gaussian",
    observation_variance: float = 0.02,
    kl_weight: float = 1.0,
    kl_warmup_steps: int = 0,
) -> Autoencoder:
    """Variational autoencoder: an autoencoder whose code is a Gaussian, trained on the ELBO.

    Keras averages losses over the D features of a sample, so the KL is scaled to match, and with
    `kl_weight=1` the training loss is an affine function of the true negative ELBO in nats:

    - `likelihood="gaussian"`, compiled with `mse`: p(x|z) = N(decoder(z), observation_variance);
      negative ELBO = loss * D / (2 * observation_variance) + a constant.
    - `likelihood="bernoulli"`, compiled with `binary_crossentropy`: negative ELBO = loss * D.

    Args:
        input_shape: Shape of one sample, without the batch axis; for the `conv` body an image's.
        latent_dim: Size of the code.
        body: `dense` or `conv`, as in the models of those names.
        hidden: Units of the hidden layers; in the `conv` body they lie between the convolutions
            and the code.
        filters: Filters of the convolutions of the `conv` body.
        kernel_size: Side of the square kernels of the `conv` body; odd.
        activation: Activation of the hidden layers.
        output_activation: Activation of the output: `sigmoid` for data on [0, 1].
        batch_normalization: As in the models of those names.
        likelihood: `gaussian` or `bernoulli`; it says which loss to compile with, see above.
        observation_variance: Variance of the Gaussian likelihood, in squared units of the input;
            the smaller, the sharper the reconstructions and the higher the KL.
        kl_weight: Beta, the weight of the KL in the ELBO; 1 gives the true ELBO.
        kl_warmup_steps: Training steps over which the weight rises linearly from 0.

    Returns:
        Uncompiled model, `(batch, *input_shape)` -> same shape; `encoder` -> `(batch, latent_dim)`,
        a sample of q(z|x) in training and its mean at inference.

    Raises:
        InputError: The body or the likelihood is unknown, a size is below 1, the kernel size is
            even, the variance is not above 0, a weight or a number of steps is below 0,
            `batch_normalization` is neither True nor False, or an argument is set that the chosen
            body or likelihood makes no use of.

    Reference:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2013, arXiv:1312.6114; beta as in Higgins
        et al., beta-VAE, ICLR 2017.
    """
    check_choice(("dense", "conv"), body=body)
    check_choice(("gaussian", "bernoulli"), likelihood=likelihood)
    check_between(0, math.inf, kl_weight=kl_weight)
    check_whole(0, kl_warmup_steps=kl_warmup_steps)
    check_between(1e-9, math.inf, observation_variance=observation_variance)
    check_activations(activation=activation, output_activation=output_activation)
    check_whole(1, latent_dim=latent_dim)
    hidden = as_sizes("hidden", hidden)
    check_flags(batch_normalization=batch_normalization)
    if body == "conv":
        filters = as_sizes("filters", filters)
        check_conv_body("vae", input_shape, filters, kernel_size)
    else:
        check_unused(vae, "body='dense'", filters=filters, kernel_size=kernel_size)
        check_input_shape("vae", input_shape, {})
    if likelihood == "bernoulli":
        check_unused(vae, "likelihood='bernoulli'", observation_variance=observation_variance)

    # Encoder
    inputs = keras.Input(input_shape)
    if body == "dense":
        features = dense_features(inputs, hidden, activation, batch_normalization)
    else:
        features = conv_features(
            inputs, filters, kernel_size, hidden, activation, batch_normalization
        )
    mean = layers.Dense(latent_dim, name="mean")(features)
    log_variance = layers.Dense(latent_dim, name="log_variance")(features)
    per_feature = (1 if likelihood == "bernoulli" else 2 * observation_variance) / math.prod(
        input_shape
    )
    code = GaussianLatent(kl_weight * per_feature, kl_warmup_steps, name="code")(
        [mean, log_variance]
    )
    encoder = keras.Model(inputs, code, name="encoder")

    # Decoder
    if body == "dense":
        decoder = dense_decoder(
            latent_dim, input_shape, hidden, activation, output_activation, batch_normalization
        )
    else:
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
    return Autoencoder.join(encoder, decoder, name="vae", likelihood=likelihood)
