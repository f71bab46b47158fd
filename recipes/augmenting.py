"""What training makes of its samples: shifted, mirrored, binarised or noisy, afresh each time."""

from collections.abc import Callable

import keras
import tensorflow as tf

import zoo
from recipes import philox
from recipes.recipe import Recipe

Draw = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def drawing(recipe: Recipe, sample_shape: tuple[int, ...], seed: int) -> Draw | None:
    """Return a function that draws from a batch what a model sees of it and what it gives back.

    None if that is the batch itself, both times.

    Raises:
        InputError: The recipe shifts or mirrors samples that are no images.
    """
    if not (recipe.shift or recipe.flip or recipe.binarize or recipe.noise):
        return None
    if (recipe.shift or recipe.flip) and len(sample_shape) != 3:
        raise zoo.InputError(
            f"Only images can be shifted or flipped, but samples of {recipe.data!r} have shape "
            f"{sample_shape}: set shift=0 and flip=False."
        )
    generator = keras.random.SeedGenerator(seed)

    def draw(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if recipe.shift:
            batch = shifted(batch, recipe.shift, generator)
        if recipe.flip:
            mirrored = philox.uniform((tf.shape(batch)[0], 1, 1, 1), "float32", generator) < 0.5
            batch = tf.where(mirrored, tf.reverse(batch, [2]), batch)
        if recipe.binarize:
            draws = philox.uniform(tf.shape(batch), "float32", generator)
            batch = tf.cast(draws < batch, "float32")
        if recipe.noise:
            noise = philox.normal(tf.shape(batch), "float32", generator)
            return batch + recipe.noise * noise, batch
        return batch, batch

    return draw


def shifted(images: tf.Tensor, most: int, seed: keras.random.SeedGenerator) -> tf.Tensor:
    """Shift each image by up to `most` whole pixels down or up and right or left; 0 comes in."""
    count, (height, width) = tf.shape(images)[0], images.shape[1:3]
    padded = tf.pad(images, [[0, 0], [most, most], [most, most], [0, 0]])
    draws = philox.uniform((2, count, 1), "float32", seed)
    starts = tf.cast(tf.floor(draws * (2 * most + 1)), "int32")
    rows = tf.gather(padded, starts[0] + tf.range(height), axis=1, batch_dims=1)
    return tf.gather(rows, starts[1] + tf.range(width), axis=2, batch_dims=1)
