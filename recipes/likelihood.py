"""Likelihood of binary data under a variational autoencoder, in nats per sample."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

import zoo
from recipes.lowering import PhasedConv2DTranspose, lower
from zoo.layers import GaussianLatent, gaussian_kl

# A code unit is active when its mean varies by more than this over the data
# (Burda et al., Importance Weighted Autoencoders, 2015, section 5.2).
ACTIVE_VARIANCE = 0.01
# Codes that are decoded at once, of one sample and in one step.
DRAWS = 100
SAMPLES = 50


@dataclass(frozen=True)
class Posterior:
    """The Gaussians q(z|x) of samples, each array `(samples, latent_dim)`."""

    mean: np.ndarray
    log_variance: np.ndarray

    def kl_nats(self) -> float:
        """Return the mean KL(q || N(0, I)) of a sample, in nats."""
        kl = keras.ops.convert_to_numpy(gaussian_kl(self.mean, self.log_variance))
        return float(kl.sum(axis=1).mean())

    def active_units(self) -> int:
        """Return how many units' means vary over the samples."""
        return int((self.mean.var(axis=0) > ACTIVE_VARIANCE).sum())


def posterior(model: zoo.Autoencoder, samples: np.ndarray) -> Posterior:
    """Return the posteriors of a model whose code is Gaussian."""
    with tf.device("CPU:0"):
        return Posterior(*moments_of(model).predict(samples, verbose=0))


def moments_of(model: zoo.Autoencoder) -> keras.Model:
    """Return the part of the encoder that gives the mean and the log variance of q(z|x)."""
    layer = next(layer for layer in model.encoder.layers if isinstance(layer, GaussianLatent))
    return keras.Model(model.encoder.input, layer.input)


def importance_weighted(
    model: zoo.Autoencoder, samples: np.ndarray, draws: int, seed: int = 0
) -> dict[str, float]:
    """Return bounds on the negative log-likelihood of binary samples, Bernoulli given the code.

    Args:
        model: Its decoder gives the probability of 1 of each value.
        samples: `(samples, *sample_shape)`, of 0 and 1.
        draws: Codes drawn from q(z|x) for each sample; a multiple of `DRAWS`.
        seed: Seed of the draws.

    Returns:
        In nats, means over the samples: `nll_nats`, -log of the mean importance weight of all
        draws, an upper bound on the negative log-likelihood that tightens with `draws`;
        `elbo_nats`, the negative ELBO, the bound of a single draw; `reconstruction_nats`, its part
        -log p(x|z).

    Reference:
        Burda et al., Importance Weighted Autoencoders, 2015, arXiv:1509.00519, equation 8.
    """
    q = posterior(model, samples)
    # A transposed convolution to one channel takes a third of all time.
    decoder = lower(model.decoder, {keras.layers.Conv2DTranspose: PhasedConv2DTranspose})
    generator = tf.random.Generator.from_seed(seed, alg="philox")
    flat = samples.reshape(len(samples), -1)

    @tf.function(reduce_retracing=True, autograph=False)
    def weigh(x, mean, log_variance):
        noise = generator.normal(tf.stack([tf.shape(x)[0], DRAWS, model.latent_dim]))
        given, weights, _ = log_weights(decoder, x, mean, log_variance, noise)
        return given, weights

    given_sum = weight_sum = bound_sum = 0.0
    with tf.device("CPU:0"):
        starts = range(0, len(flat), SAMPLES)
        for start in tqdm(starts, desc="likelihood", leave=False, disable=None):
            part = slice(start, start + SAMPLES)
            inputs = [tf.constant(values[part]) for values in (flat, q.mean, q.log_variance)]
            drawn = [weigh(*inputs) for _ in range(draws // DRAWS)]
            given, weights = (tf.concat(values, axis=1) for values in zip(*drawn, strict=True))
            weights = tf.cast(weights, "float64")
            bound = tf.reduce_logsumexp(weights, axis=1) - np.log(draws)
            bound_sum += float(tf.reduce_sum(bound))
            weight_sum += float(tf.reduce_sum(tf.reduce_mean(weights, axis=1)))
            given_sum += float(tf.reduce_sum(tf.reduce_mean(given, axis=1)))
    return {
        "nll_nats": -bound_sum / len(flat),
        "elbo_nats": -weight_sum / len(flat),
        "reconstruction_nats": -given_sum / len(flat),
    }


def log_weights(
    decoder: keras.Model, x, mean, log_variance, noise, training: bool = False
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Weigh codes drawn from q(z|x) by how likely the decoder makes the samples from them.

    Args:
        decoder: It gives the probability of 1 of each value.
        x: Samples of 0 and 1, flat, `(samples, values)`.
        mean: Mean of q(z|x), `(samples, latent_dim)`.
        log_variance: Logarithm of its variance, the same shape.
        noise: Draws from N(0, I), `(samples, draws, latent_dim)`.
        training: Whether the decoder is being trained.

    Returns:
        log p(x|z) and log p(x, z) - log q(z|x), `(samples, draws)` in nats; and what the decoder
        makes of the codes, `(samples, draws, values)`.
    """
    draws, latent_dim = noise.shape[1:]
    codes = mean[:, None] + tf.exp(0.5 * log_variance)[:, None] * noise
    ones = decoder(tf.reshape(codes, (-1, latent_dim)), training=training)
    ones = tf.reshape(tf.cast(ones, "float32"), (-1, draws, x.shape[-1]))
    tiny = keras.config.epsilon()
    ones = tf.clip_by_value(ones, tiny, 1 - tiny)
    # A product with x takes half the time of a sum over x log p + (1 - x) log (1 - p).
    logits = tf.math.log(ones) - tf.math.log1p(-ones)
    given = tf.linalg.matvec(logits, x) + tf.reduce_sum(tf.math.log1p(-ones), axis=2)
    prior = tf.square(codes) - tf.square(noise) - log_variance[:, None]
    return given, given - 0.5 * tf.reduce_sum(prior, axis=2), ones
