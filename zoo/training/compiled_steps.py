"""Training steps: many in one call, compiled with XLA where that is faster.

Between steps, Python and tf.data take as long as the step of a small model. So one call makes many
steps, and gathers their batches from one tensor. Against the best setting of Keras itself (many
`steps_per_execution`, `jit_compile` where it helps, an unrolled LSTM, a tf.data pipeline of
shuffled indices without autotune) this trains on two CPU cores dense 1.38 times, vae 1.42 times,
lstm 1.5 times and conv 1.03 times as many samples per second. `make bench` measures it.
"""

import types
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from zoo.autoencoder import Autoencoder
from zoo.layers import LSTM
from zoo.training import batching, lstm_recurrence, philox_noise
from zoo.training.augmenting import Draw

# A call takes about 2 ms, as long as two steps of a small model.
STEPS_PER_CALL = 64
# XLA takes seconds to compile. So many steps save as much.
XLA_STEPS = 1000
# XLA trains on two CPU cores dense 1.8 times, vae 1.4 times, and lstm, with `recurrence` and in two
# parts, 1.7 times as many samples per second as TensorFlow's kernels; but conv 0.07 times, and an
# LSTM by Keras's loop 0.9 times.
SLOW_WITH_XLA = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.layers.RNN)
# An LSTM's matrix products are too small to be shared among cores, so the batch is split instead.
PARTS = 2
# With these layers, a sample's loss depends neither on the rest of the batch nor on the step.
SEPARABLE = (
    keras.layers.InputLayer,
    keras.layers.Reshape,
    keras.layers.RepeatVector,
    keras.layers.Dense,
)


def wins_with_xla(model: Autoencoder, steps: int) -> bool:
    """Return whether `steps` steps take less time with XLA, compilation included."""
    if steps < XLA_STEPS:
        return False
    return _in_parts(model) or not any(isinstance(layer, SLOW_WITH_XLA) for layer in _layers(model))


def _in_parts(model: Autoencoder) -> bool:
    """Return whether a batch can be split into parts: for LSTMs, except on a GPU with cuDNN."""
    recurrent = [layer for layer in _layers(model) if isinstance(layer, LSTM)]
    others = [layer for layer in _layers(model) if not isinstance(layer, LSTM)]
    return (
        len(recurrent) > 0
        and all(lstm_recurrence.serves(layer) for layer in recurrent)
        and all(type(layer) in SEPARABLE for layer in others)
        and not tf.config.list_logical_devices("GPU")
    )


def _layers(model: Autoencoder) -> list[keras.layers.Layer]:
    return [*model.encoder.layers, *model.decoder.layers]


def prepare_training(
    model: Autoencoder,
    samples: np.ndarray,
    batch_size: int,
    seed: int,
    *,
    xla: bool,
    draw: Draw | None = None,
) -> tf.data.Dataset:
    """Prepare a compiled model to reconstruct samples, and return the data to call `fit` on.

    The steps are those of `fit` on batches that are shuffled anew in each epoch, the last of them
    smaller. But callbacks see only one batch in `STEPS_PER_CALL`.

    Args:
        model: A compiled model, on one device.
        samples: `(samples, *sample_shape)`; a `np.memmap` is not read into memory as a whole.
        batch_size: Samples of a step.
        seed: Seed of the shuffles.
        xla: Whether the steps are compiled with XLA.
        draw: Augments a batch, see `augmenting.drawing`.
    """
    for layer in _layers(model):
        if hasattr(layer, "random"):
            layer.random = philox_noise
    parts = xla and _in_parts(model)
    train = _train_in_parts(model) if parts else lambda *pair: model.train_step(pair)

    def step(batch):
        train(*(draw(batch) if draw else (batch, batch)))

    if isinstance(samples, np.memmap):
        run = _function(model, step, batch_size, xla and not parts)
        data = batching.pieces(samples, batch_size, STEPS_PER_CALL, seed)
    else:
        x = tf.constant(samples)

        def gather(indices):
            step(tf.gather(x, indices))

        run = _function(model, gather, batch_size, xla and not parts)
        data = batching.orders(len(samples), batch_size, STEPS_PER_CALL, seed)
    # Keras makes a function of its own only where the model has none yet.
    model.train_function = run
    return data


def prepare_validation(
    model: Autoencoder, inputs: np.ndarray, targets: np.ndarray, batch_size: int, *, xla: bool
) -> tf.data.Dataset:
    """Prepare a compiled model for validation, and return the data for `fit` or `evaluate`.

    This does what `prepare_training` does, but keeps the samples' order and takes targets that may
    differ from the inputs.
    """
    x = tf.constant(inputs)
    y = x if targets is inputs else tf.constant(targets)

    def step(indices):
        model.test_step((tf.gather(x, indices), tf.gather(y, indices)))

    model.test_function = _function(model, step, batch_size, xla)
    return batching.in_order(len(inputs), batch_size, STEPS_PER_CALL)


def _train_in_parts(model: Autoencoder) -> Callable[[tf.Tensor, tf.Tensor], None]:
    """Return a training step that splits a batch into equal parts and gives each a core.

    Each part is an XLA program. The means of their losses and gradients are the batch's.
    """
    for layer in _layers(model):
        if isinstance(layer, LSTM):
            layer.inner_loop = types.MethodType(lstm_recurrence.inner_loop, layer)
    weights = model.trainable_variables

    @tf.function(jit_compile=True, autograph=False)
    def differentiate(x, target):
        with tf.GradientTape() as tape:
            y = model(x, training=True)
            loss = model.compute_loss(x, target, y, training=True)
            scaled = model.optimizer.scale_loss(loss)
        return y, loss, tape.gradient(scaled, weights)

    @tf.function(jit_compile=True, autograph=False)
    def update(x, targets, outputs, losses, gradients):
        means = [tf.add_n(parts) / len(parts) for parts in zip(*gradients, strict=True)]
        model.optimizer.apply_gradients(zip(means, weights, strict=True))
        mean_loss = tf.add_n(losses) / len(losses)
        for metric in model.metrics:
            if metric.name == "loss":
                metric.update_state(mean_loss, sample_weight=x.shape[0])
        model.compute_metrics(x, targets, tf.concat(outputs, 0))

    def step(x, targets):
        pairs = [(x, targets)]
        if x.shape[0] % PARTS == 0:
            pairs = list(zip(tf.split(x, PARTS), tf.split(targets, PARTS), strict=True))
        outputs, losses, gradients = zip(*(differentiate(*pair) for pair in pairs), strict=True)
        update(x, targets, outputs, losses, gradients)

    return step


def _function(
    model: Autoencoder, step: Callable[[tf.Tensor], None], batch_size: int, xla: bool
) -> Callable[[Iterator], dict]:
    """Return a function for Keras that takes an iterator and makes the steps of one call.

    The iterator yields pairs: items (samples, or indices of samples), and the call's first step.
    `step` takes the items of one batch.
    """

    @tf.function(jit_compile=xla, autograph=False)
    def run(items, start):
        count, shape = items.shape[0], items.shape[1:]
        steps = count // batch_size
        stop = tf.minimum(start + STEPS_PER_CALL, steps)

        def body(i):
            begin = [i * batch_size, *(0 for _ in shape)]
            step(tf.slice(items, begin, [batch_size, *shape]))
            return (i + 1,)

        def rest():
            step(items[steps * batch_size :])
            return tf.constant(True)

        if steps:
            tf.while_loop(lambda i: i < stop, body, (start,), parallel_iterations=1)
        if count % batch_size:
            tf.cond(stop == steps, rest, lambda: tf.constant(False))
        return model.get_metrics_result()

    return lambda iterator: run(*next(iterator))
