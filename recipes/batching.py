"""What `fit` iterates over: orders of samples in memory, pieces of a file, or plain batches.

Samples in memory are one tensor, from which training gathers its batches by itself. Samples in a
file, a `np.memmap`, are read from it anew each epoch.
"""

import math
import os

import numpy as np
import tensorflow as tf

from recipes import in_file
from recipes.augmenting import Draw

# Samples of a file are shuffled within so many bytes; they lie in a random order beforehand.
SHUFFLE_BYTES = 32 << 20
# The most that is read of a file at once, but for a batch that is larger.
PIECE_BYTES = 8 << 20


def orders(count: int, batch_size: int, steps_per_call: int, seed: int) -> tf.data.Dataset:
    """Return for each call of an epoch the order of its samples and the step to start with.

    The order, `(count,)`, is the same for all calls of an epoch and another in each epoch.
    """
    calls = _calls(count, batch_size, steps_per_call)

    def epoch(number):
        draws = tf.random.stateless_uniform((count,), (seed, number))
        order = tf.argsort(draws)
        return calls.map(lambda start: (order, start))

    epochs = tf.data.Dataset.random(seed, rerandomize_each_iteration=True)
    return _counted(epochs.take(1).flat_map(epoch), len(calls))


def in_order(count: int, batch_size: int, steps_per_call: int) -> tf.data.Dataset:
    """Return for each call the samples as they come and the step to start with."""
    order = tf.range(count)
    calls = _calls(count, batch_size, steps_per_call)
    return _counted(calls.map(lambda start: (order, start)), len(calls))


def pieces(samples: np.memmap, batch_size: int, steps_per_call: int, seed: int) -> tf.data.Dataset:
    """Return for each call of an epoch its samples, and 0 as the step to start with.

    Another order each epoch; fewer steps where `PIECE_BYTES` would be exceeded.
    """
    steps = max(min(PIECE_BYTES // (samples[0].nbytes * batch_size), steps_per_call), 1)
    size = steps * batch_size
    data = _from_file(samples, len(samples), size, seed).map(lambda piece: (piece, 0))
    return _counted(data.prefetch(1), math.ceil(len(samples) / size))


def batches(
    samples: np.ndarray,
    batch_size: int,
    replicas: int,
    *,
    targets: np.ndarray | None = None,
    seed: int | None = None,
    draw: Draw | None = None,
) -> tf.data.Dataset:
    """Return batches of (samples, targets); with a seed, shuffled afresh each epoch.

    The last batch is smaller; what would not divide by the replicas is left out.

    Args:
        samples: `(samples, *sample_shape)`; those of a file need a seed and are their own targets.
        batch_size: Samples of a batch.
        replicas: A batch's size is a multiple of this.
        targets: The same shape; None for the samples themselves.
        seed: Seed of the shuffles; None keeps the order.
        draw: Draws from a batch of samples the two sides that stand for it.
    """

    def pair(batch):
        return draw(batch) if draw else (batch, batch)

    count = len(samples) - len(samples) % replicas
    if isinstance(samples, np.memmap):
        return _from_file(samples, count, batch_size, seed).map(pair).prefetch(2)
    indices = tf.data.Dataset.range(len(samples))
    if seed is not None:
        indices = indices.shuffle(len(samples), seed=seed)
    # Indices are shuffled and samples gathered by the batch: a shuffle buffer of samples would copy
    # each one.
    x = tf.constant(samples)
    y = None if targets is None else tf.constant(targets)

    def gather(i):
        return pair(tf.gather(x, i)) if y is None else (tf.gather(x, i), tf.gather(y, i))

    indices = indices.take(count).batch(batch_size)
    return indices.map(gather, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _from_file(samples: np.memmap, count: int, size: int, seed: int | None) -> tf.data.Dataset:
    """Return so many samples of a file in another order each epoch, by `size` at a time."""
    shape, record = samples.shape[1:], samples[0].nbytes
    filename, offset = in_file.place(samples)
    rest = os.path.getsize(filename) - offset - samples.nbytes
    records = tf.data.FixedLengthRecordDataset(filename, record, offset, rest, buffer_size=1 << 20)

    def decode(batch):
        return tf.reshape(tf.io.decode_raw(batch, samples.dtype), (-1, *shape))

    buffer = max(SHUFFLE_BYTES // record, size)
    return records.shuffle(buffer, seed=seed).take(count).batch(size).map(decode)


def _calls(count: int, batch_size: int, steps_per_call: int) -> tf.data.Dataset:
    """Return for each call of an epoch the step that it starts with."""
    return tf.data.Dataset.range(
        0, max(count // batch_size, 1), steps_per_call, output_type=tf.int32
    )


def _counted(data: tf.data.Dataset, calls: int) -> tf.data.Dataset:
    """Return data of which `fit` knows the number of calls, and which does not slow it."""
    options = tf.data.Options()
    # With it, the steps of whole epochs ran on one core of two, now and then.
    options.autotune.enabled = False
    return data.apply(tf.data.experimental.assert_cardinality(calls)).with_options(options)
