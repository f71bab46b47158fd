"""Importance weights of codes, and training a VAE on the bound that they give."""

import math
from collections.abc import Callable

import keras
import tensorflow as tf

from zoo.autoencoder import Autoencoder
from zoo.training import philox_noise


def train_step(model: Autoencoder, draws: int, seed: int) -> Callable[..., dict[str, tf.Tensor]]:
    """Return a training step on the importance-weighted bound, for a compiled model.

    It takes the place of the model's `train_step`. The loss that it reports is the negative bound
    in nats divided by the number of values, so with one draw it is, on average, the ELBO's loss.

    Args:
        model: A model with a Bernoulli likelihood, a KL at full weight and no warm-up.
        draws: Codes drawn from q(z|x) for each sample. The more, the tighter the bound.
        seed: Seed of the draws.

    Reference:
        Burda et al., Importance Weighted Autoencoders, 2015, arXiv:1509.00519, equation 8.
    """
    generator = keras.random.SeedGenerator(seed)
    values = math.prod(model.sample_shape)

    def step(pair):
        x, target = pair
        with tf.GradientTape() as tape:
            mean, log_variance = (
                tf.reshape(tf.cast(part, "float32"), (-1, model.latent_dim))
                for part in model.posterior(x, training=True)
            )
            shape = tf.stack([tf.shape(x)[0], draws, model.latent_dim])
            noise = philox_noise.normal(shape, "float32", generator)
            _, weights, ones = log_weights(
                model.decoder,
                tf.reshape(target, (-1, values)),
                mean,
                log_variance,
                noise,
                training=True,
            )
            bound = tf.reduce_logsumexp(weights, axis=1) - math.log(draws)
            loss = -tf.reduce_mean(bound) / values
            # The optimiser adds up the gradients of all replicas.
            share = loss / tf.distribute.get_strategy().num_replicas_in_sync
            scaled = model.optimizer.scale_loss(share)
        variables = model.trainable_variables
        gradients = tape.gradient(scaled, variables)
        model.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        for metric in model.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=tf.shape(x)[0])
        return model.compute_metrics(x, target, tf.reshape(ones[:, 0], tf.shape(target)))

    return step


def log_weights(
    decoder: keras.Model, x, mean, log_variance, noise, training: bool = False
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return the importance weights of codes drawn from q(z|x), for a Bernoulli likelihood.

    Args:
        decoder: Its output is the probability that a value is 1.
        x: Samples of 0 and 1, flat, `(samples, values)`.
        mean: Mean of q(z|x), `(samples, latent_dim)`.
        log_variance: Logarithm of its variance, the same shape.
        noise: Draws from N(0, I), `(samples, draws, latent_dim)`.
        training: Whether the decoder is being trained.

    Returns:
        log p(x|z) and log p(x, z) - log q(z|x), each `(samples, draws)` in nats; and the decoder's
        output for each code, `(samples, draws, values)`.
    """
    draws = noise.shape[1]
    codes = mean[:, None] + tf.exp(0.5 * log_variance)[:, None] * noise
    ones = decoder(tf.reshape(codes, (-1, *decoder.input_shape[1:])), training=training)
    ones = tf.reshape(tf.cast(ones, "float32"), (-1, draws, x.shape[-1]))
    tiny = keras.config.epsilon()
    ones = tf.clip_by_value(ones, tiny, 1 - tiny)
    # A product with x takes half the time of a sum over x log p + (1 - x) log (1 - p).
    logits = tf.math.log(ones) - tf.math.log1p(-ones)
    given = tf.linalg.matvec(logits, x) + tf.reduce_sum(tf.math.log1p(-ones), axis=2)
    prior = tf.square(codes) - tf.square(noise) - log_variance[:, None]
    return given, given - 0.5 * tf.reduce_sum(prior, axis=2), ones
