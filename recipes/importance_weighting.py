"""Training a VAE on the importance-weighted bound of several codes in place of the ELBO."""

import math
from collections.abc import Callable

import keras
import tensorflow as tf

import zoo
from recipes import likelihood, philox


def train_step(
    model: zoo.Autoencoder, draws: int, seed: int
) -> Callable[[tuple[tf.Tensor, tf.Tensor]], dict[str, tf.Tensor]]:
    """Return what takes the place of a compiled model's `train_step`.

    The loss that it reports is the negative bound in nats over the number of values, so that with
    one draw it is, on average, that of the ELBO.

    Args:
        model: Its likelihood is Bernoulli, and the KL counts in full.
        draws: Codes drawn from q(z|x) for each sample; the more, the tighter the bound.
        seed: Seed of the draws.

    Reference:
        Burda et al., Importance Weighted Autoencoders, 2015, arXiv:1509.00519, equation 8.
    """
    generator = keras.random.SeedGenerator(seed)
    moments = likelihood.moments_of(model)
    values = math.prod(model.input_shape[1:])

    def step(pair):
        x, target = pair
        with tf.GradientTape() as tape:
            mean, log_variance = (tf.cast(part, "float32") for part in moments(x, training=True))
            shape = tf.stack([tf.shape(x)[0], draws, model.latent_dim])
            noise = philox.normal(shape, "float32", generator)
            _, weights, ones = likelihood.log_weights(
                model.decoder,
                tf.reshape(target, (-1, values)),
                mean,
                log_variance,
                noise,
                training=True,
            )
            bound = tf.reduce_logsumexp(weights, axis=1) - math.log(draws)
            loss = -tf.reduce_mean(bound) / values
            # Gradients of replicas are added up.
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
