"""Likelihood of binary data under a variational autoencoder, in nats per sample."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from zoo.autoencoder import Autoencoder
from zoo.layers import gaussian_kl
from zoo.progress import progress
from zoo.training.importance_weighting import log_weights

# Codes drawn for each sample to estimate the likelihood with: a multiple of `DRAWS`.
IMPORTANCE_DRAWS = 5000
# A code value is active when its mean has a larger variance than this over the data
# (Burda et al., Importance Weighted Autoencoders, 2015, section 5.2).
ACTIVE_VARIANCE = 0.01
# Codes that are decoded at once, of one sample and in one step.
DRAWS = 100
SAMPLES = 50


@dataclass(frozen=True)
class Posterior:
    """The Gaussians q(z|x) of samples.

    Attributes:
        mean: `(samples, *code_shape)`.
        log_variance: The same shape.
    """

    mean: np.ndarray
    log_variance: np.ndarray

    def kl_nats(self) -> float:
        """Return the mean KL(q || N(0, I)) of a sample, in nats."""
        kl = keras.ops.convert_to_numpy(gaussian_kl(self.mean, self.log_variance))
        return float(kl.reshape(len(kl), -1).sum(axis=1).mean())

    def active_units(self) -> int:
        """Return how many code values have a mean that varies over the samples."""
        return int((self.mean.var(axis=0) > ACTIVE_VARIANCE).sum())


def posterior(model: Autoencoder, samples: np.ndarray) -> Posterior:
    """Return the distributions q(z|x) of a model with a prior, computed on the CPU."""
    with tf.device("CPU:0"):
        parts = model.posterior.predict(samples, verbose=0)
    return Posterior(*(part.astype("float32", copy=False) for part in parts))


def importance_weighted(
    model: Autoencoder,
    samples: np.ndarray,
    draws: int,
    seed: int = 0,
    q: Posterior | None = None,
) -> dict[str, float]:
    """Return bounds on the negative log-likelihood of binary samples, Bernoulli given the code.

    Args:
        model: Its decoder gives the probability of 1 of each value.
        samples: `(samples, *sample_shape)`, of 0 and 1.
        draws: Codes drawn from q(z|x) for each sample; a multiple of `DRAWS`.
        seed: Seed of the draws.
        q: The samples' posteriors; None computes them.

    Returns:
        In nats, means over the samples: `nll_nats`, -log of the mean importance weight of all
        draws, an upper bound on the negative log-likelihood that tightens with `draws`;
        `elbo_nats`, the negative ELBO, the bound of a single draw; `reconstruction_nats`, its part
        -log p(x|z).

    Reference:
        Burda et al., Importance Weighted Autoencoders, 2015, arXiv:1509.00519, equation 8.
    """
    if q is None:
        q = posterior(model, samples)
    generator = tf.random.Generator.from_seed(seed, alg="philox")
    flat, mean, log_variance = (
        values.reshape(len(values), -1) for values in (samples, q.mean, q.log_variance)
    )

    @tf.function(reduce_retracing=True, autograph=False)
    def weigh(x, mean, log_variance):
        noise = generator.normal(tf.stack([tf.shape(x)[0], DRAWS, model.latent_dim]))
        given, weights, _ = log_weights(model.decoder, x, mean, log_variance, noise)
        return given, weights

    given_sum = weight_sum = bound_sum = 0.0
    with tf.device("CPU:0"):
        starts = range(0, len(flat), SAMPLES)
        for start in progress(starts, len(starts), "Likelihood"):
            part = slice(start, start + SAMPLES)
            inputs = [tf.constant(values[part]) for values in (flat, mean, log_variance)]
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
