"""The bound that a variational model is trained on, measured on the validation split.

The validation loss of Keras decodes the mean of each code. The bound decodes codes that are drawn,
as training does, so it also sees what the width of q(z|x) costs.
"""

import math

import keras
import numpy as np
import tensorflow as tf

from zoo.autoencoder import Autoencoder
from zoo.data import memmap_reading
from zoo.layers import gaussian_kl
from zoo.recipe import Recipe
from zoo.training.importance_weighting import log_weights

# Codes that are drawn for each sample, where the recipe weighs none of them, and their seed.
DRAWS = 10
SEED = 0
# The first samples of the split, and how many are decoded at once.
SAMPLES = 2000
BATCH = 100


def validation_bound(model: Autoencoder, recipe: Recipe, samples: np.ndarray) -> float:
    """Return the training loss of a model with a prior, averaged over draws of codes.

    Args:
        model: A trained model with a prior.
        recipe: Its recipe, which names the loss and the number of importance samples.
        samples: Validation samples, `(samples, *sample_shape)`; the first `SAMPLES` are taken.

    Returns:
        The loss at the full weight of the KL, in the units of the recipe's loss: for more than one
        importance sample the negative importance-weighted bound in nats divided by the number of
        values of a sample.
    """
    samples = memmap_reading.head(samples, SAMPLES)
    measure = _weighted_bound if recipe.importance_samples > 1 else _loss
    noise = np.random.default_rng(SEED)
    with tf.device("CPU:0"):
        parts = [
            (len(batch), measure(model, recipe, batch, noise))
            for batch in np.split(samples, range(BATCH, len(samples), BATCH))
        ]
    return float(np.average([value for _, value in parts], weights=[count for count, _ in parts]))


def _loss(model: Autoencoder, recipe: Recipe, x: np.ndarray, noise: np.random.Generator) -> float:
    mean, log_variance = (keras.ops.convert_to_numpy(part) for part in model.posterior(x))
    assert model.latent is not None
    # Of each sample the sum over its code.
    kl = gaussian_kl(mean, log_variance)
    divergence = float(keras.ops.sum(kl)) / len(x)
    loss = keras.losses.get(recipe.loss)
    errors = []
    for _ in range(DRAWS):
        drawn = noise.standard_normal(mean.shape, "float32")
        codes = mean + np.exp(0.5 * log_variance) * drawn
        errors.append(float(keras.ops.mean(loss(x, model.decoder(codes)))))
    return float(np.mean(errors)) + model.latent.weight * divergence


def _weighted_bound(
    model: Autoencoder, recipe: Recipe, x: np.ndarray, noise: np.random.Generator
) -> float:
    values = math.prod(model.sample_shape)
    mean, log_variance = (
        keras.ops.reshape(part, (len(x), model.latent_dim)) for part in model.posterior(x)
    )
    shape = (len(x), recipe.importance_samples, model.latent_dim)
    drawn = noise.standard_normal(shape, "float32")
    flat = tf.constant(x.reshape(len(x), values))
    _, weights, _ = log_weights(model.decoder, flat, mean, log_variance, drawn)
    bound = tf.reduce_logsumexp(weights, axis=1) - math.log(recipe.importance_samples)
    return -float(tf.reduce_mean(bound)) / values
