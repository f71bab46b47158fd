"""The data that `fit` iterates over: orders of samples in memory, pieces of a file, or batches.

Samples in memory are one tensor, from which the training step gathers its batches. Samples in a
file, a `np.memmap`, are read from the file in each epoch.
"""

import math
import os

import numpy as np
import tensorflow as tf

from zoo.data import memmap_reading
from zoo.training.augmenting import Draw

# Size of the buffer that samples of a file are shuffled in. The file itself is in random order.
SHUFFLE_BYTES = 32 << 20
# Most bytes read of a file at once; a single batch may be larger.
PIECE_BYTES = 8 << 20


def orders(count: int, batch_size: int, steps_per_call: int, seed: int) -> tf.data.Dataset:
    """Return for each call of an epoch the order of all samples and the call's first step.

    The order, `(count,)`, is the same for all calls of an epoch and a new one in each epoch.
    """
    calls = _calls(count, batch_size, steps_per_call)

    def epoch(number):
        draws = tf.random.stateless_uniform((count,), (seed, number))
        order = tf.argsort(draws)
        return calls.map(lambda start: (order, start))

    epochs = tf.data.Dataset.random(seed, rerandomize_each_iteration=True)
    return _counted(epochs.take(1).flat_map(epoch), len(calls))


def in_order(count: int, batch_size: int, steps_per_call: int) -> tf.data.Dataset:
    """Return for each call the samples' own order, `(count,)`, and the call's first step."""
    order = tf.range(count)
    calls = _calls(count, batch_size, steps_per_call)
    return _counted(calls.map(lambda start: (order, start)), len(calls))


def pieces(samples: np.memmap, batch_size: int, steps_per_call: int, seed: int) -> tf.data.Dataset:
    """Return for each call of an epoch its samples, in a new order each epoch, and 0.

    The 0 is the call's first step. A call has fewer than `steps_per_call` steps where its samples
    would exceed `PIECE_BYTES`.
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
    """Return batches of (inputs, targets); with a seed they are shuffled anew in each epoch.

    The last batch is smaller. Samples that would make its size no multiple of the replicas are left
    out.

    Args:
        samples: `(samples, *sample_shape)`; those of a file need a seed and are their own targets.
        batch_size: Samples of a batch, a multiple of the replicas.
        replicas: Devices that share a batch.
        targets: The same shape; None for the samples themselves.
        seed: Seed of the shuffles; None keeps the order.
        draw: Augments a batch, see `augmenting.drawing`.
    """

    def pair(batch):
        return draw(batch) if draw else (batch, batch)

    count = len(samples) - len(samples) % replicas
    if isinstance(samples, np.memmap):
        return _without_autotune(_from_file(samples, count, batch_size, seed).map(pair).prefetch(2))
    indices = tf.data.Dataset.range(len(samples))
    if seed is not None:
        indices = indices.shuffle(len(samples), seed=seed)
    # Indices are shuffled and each batch is gathered at once: a shuffle buffer of samples would
    # copy every sample.
    x = tf.constant(samples)
    y = None if targets is None else tf.constant(targets)

    def gather(i):
        return pair(tf.gather(x, i)) if y is None else (tf.gather(x, i), tf.gather(y, i))

    # A serial map: a parallel one takes the cores from the training steps.
    return _without_autotune(indices.take(count).batch(batch_size).map(gather).prefetch(2))


def _from_file(samples: np.memmap, count: int, size: int, seed: int | None) -> tf.data.Dataset:
    """Return `count` samples of a file, `size` at a time, in a new order in each epoch."""
    shape, record = samples.shape[1:], samples[0].nbytes
    filename, offset = memmap_reading.place(samples)
    rest = os.path.getsize(filename) - offset - samples.nbytes
    records = tf.data.FixedLengthRecordDataset(filename, record, offset, rest, buffer_size=1 << 20)

    def decode(batch):
        return tf.reshape(tf.io.decode_raw(batch, samples.dtype), (-1, *shape))

    buffer = max(SHUFFLE_BYTES // record, size)
    return records.shuffle(buffer, seed=seed).take(count).batch(size).map(decode)


def _calls(count: int, batch_size: int, steps_per_call: int) -> tf.data.Dataset:
    """Return the first step of each call of an epoch."""
    return tf.data.Dataset.range(
        0, max(count // batch_size, 1), steps_per_call, output_type=tf.int32
    )


def _counted(data: tf.data.Dataset, calls: int) -> tf.data.Dataset:
    """Return data that tell `fit` the number of their calls."""
    return _without_autotune(data.apply(tf.data.experimental.assert_cardinality(calls)))


def _without_autotune(data: tf.data.Dataset) -> tf.data.Dataset:
    """Return data that take no cores from the training steps.

    With autotune on, whole epochs ran on one core of two now and then. Without it and with serial
    maps, training was 1.5 times as fast on two cores.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return data.with_options(options)
