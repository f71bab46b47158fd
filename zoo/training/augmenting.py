"""Augmentation: each training sample is shifted, mirrored, binarised or made noisy at random."""

from collections.abc import Callable

import keras
import tensorflow as tf

from zoo.recipe import Recipe
from zoo.training import philox_noise

# Takes a batch; returns what the model sees and what it is to reconstruct.
Draw = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def drawing(recipe: Recipe, seed: int) -> Draw | None:
    """Return the function that augments a batch; None where the recipe augments nothing.

    Each call draws anew. Noise is in the inputs alone, everything else in the targets too.

    Args:
        recipe: Its `shift`, `flip`, `binarize` and `noise` are read; see `Recipe`.
        seed: Seed of the draws.
    """
    if not (recipe.shift or recipe.flip or recipe.binarize or recipe.noise):
        return None
    generator = keras.random.SeedGenerator(seed)

    def draw(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if recipe.shift:
            batch = shifted(batch, recipe.shift, generator)
        if recipe.flip:
            mirrored = (
                philox_noise.uniform((tf.shape(batch)[0], 1, 1, 1), "float32", generator) < 0.5
            )
            batch = tf.where(mirrored, tf.reverse(batch, [2]), batch)
        if recipe.binarize:
            draws = philox_noise.uniform(tf.shape(batch), "float32", generator)
            batch = tf.cast(draws < batch, "float32")
        if recipe.noise:
            noise = philox_noise.normal(tf.shape(batch), "float32", generator)
            return batch + recipe.noise * noise, batch
        return batch, batch

    return draw


def shifted(images: tf.Tensor, most: int, seed: keras.random.SeedGenerator) -> tf.Tensor:
    """Shift each image at random by up to `most` whole pixels along both axes, and fill with 0.

    Args:
        images: `(batch, height, width, channels)`.
        most: Largest shift, in pixels.
        seed: Generator of the draws.
    """
    count, (height, width) = tf.shape(images)[0], images.shape[1:3]
    padded = tf.pad(images, [[0, 0], [most, most], [most, most], [0, 0]])
    draws = philox_noise.uniform((2, count, 1), "float32", seed)
    starts = tf.cast(tf.floor(draws * (2 * most + 1)), "int32")
    rows = tf.gather(padded, starts[0] + tf.range(height), axis=1, batch_dims=1)
    return tf.gather(rows, starts[1] + tf.range(width), axis=2, batch_dims=1)
