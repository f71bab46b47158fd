"""Training a Keras model on TensorFlow, an epoch at a time: as `zoo train` does, and by `fit`."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

# One epoch; returns its mean loss.
Epoch = Callable[[], float]

# Steps that `fit` makes between two returns to Python; more are not faster.
STEPS_PER_EXECUTION = 64


def zoo_epoch(model, samples: np.ndarray, batch_size: int) -> Epoch:
    """Return an epoch as `zoo train` runs it."""
    from zoo.training import compiled_steps

    model.compile("adam", "mse")
    xla = compiled_steps.wins_with_xla(model, compiled_steps.XLA_STEPS)
    data = compiled_steps.prepare_training(model, samples, batch_size, 0, xla=xla)
    return lambda: _fit(model, data)


def plain_epoch(model, samples: np.ndarray, batch_size: int) -> Epoch:
    """Return an epoch of plain `fit` on a NumPy array."""
    model.compile("adam", "mse")
    return lambda: _fit(model, samples, samples, batch_size=batch_size)


def best_epoch(model, samples: np.ndarray, batch_size: int, jit_compile: bool) -> Epoch:
    """Return an epoch of `fit` in the setting that measured best.

    That is many steps per execution, an unrolled LSTM, and a tf.data pipeline of shuffled indices
    with a serial map and without autotune, which alone is 1.5 times as fast as with both. It leaves
    out the last, smaller batch.

    Args:
        model: A model on the TensorFlow backend.
        samples: `(samples, *sample_shape)`.
        batch_size: Samples of a step.
        jit_compile: Whether steps are compiled with XLA.
    """
    for layer in [*model.encoder.layers, *model.decoder.layers]:
        if isinstance(layer, keras.layers.LSTM):
            layer.unroll = True
    model.compile("adam", "mse", steps_per_execution=STEPS_PER_EXECUTION, jit_compile=jit_compile)
    data = _shuffled_batches(samples, batch_size)
    return lambda: _fit(model, data)


def _shuffled_batches(samples: np.ndarray, batch_size: int) -> tf.data.Dataset:
    x = tf.constant(samples)
    steps = len(samples) // batch_size

    def epoch(number):
        order = tf.argsort(tf.random.stateless_uniform((len(samples),), (0, number)))
        return tf.data.Dataset.from_tensor_slices(
            tf.reshape(order[: steps * batch_size], (steps, batch_size))
        )

    def gather(indices):
        batch = tf.ensure_shape(tf.gather(x, indices), (batch_size, *samples.shape[1:]))
        return batch, batch

    orders = tf.data.Dataset.random(0, rerandomize_each_iteration=True).take(1).flat_map(epoch)
    options = tf.data.Options()
    options.autotune.enabled = False
    data = orders.map(gather).apply(tf.data.experimental.assert_cardinality(steps))
    return data.prefetch(2).with_options(options)


def _fit(model, *data, **options) -> float:
    history = model.fit(*data, epochs=1, verbose=0, **options).history
    return history["loss"][-1]
