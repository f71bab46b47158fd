"""Training steps: many to a call, compiled with XLA where it wins.

Between steps Python and tf.data cost as much as a small model's step itself. So one call makes many
steps, and takes their batches from one tensor by itself. `make bench` compares.
"""

import types
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

import zoo
from recipes import batching, philox, recurrence
from recipes.augmenting import Draw
from zoo.layers import LSTM, Corruption, GaussianLatent

# A call costs about 2 ms, which is two steps of a small model.
STEPS_PER_CALL = 64
# XLA takes seconds to compile, which is what so many steps save.
XLA_STEPS = 1000
# XLA against TensorFlow's own kernels, samples per second on two CPU cores: dense 1.8 times as
# many, vae 1.4 times, lstm 1.7 times by `recurrence` and in two parts; but conv 0.07 times, and an
# LSTM by Keras's loop 0.9 times.
SLOW_WITH_XLA = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.layers.RNN)
# An LSTM's products are too small for more than one core; so each takes a part of the batch.
PARTS = 2
# Layers by which a sample's loss depends on no other sample of the batch, nor on the step.
SEPARABLE = (
    keras.layers.InputLayer,
    keras.layers.Reshape,
    keras.layers.RepeatVector,
    keras.layers.Dense,
)


def wins_with_xla(model: zoo.Autoencoder, steps: int) -> bool:
    """Return whether so many steps take less time with XLA, its compilation included."""
    if steps < XLA_STEPS:
        return False
    return _in_parts(model) or not any(isinstance(layer, SLOW_WITH_XLA) for layer in _layers(model))


def _in_parts(model: zoo.Autoencoder) -> bool:
    """Return whether steps can be made in parts, by LSTMs that are not left to a GPU's cuDNN."""
    recurrent = [layer for layer in _layers(model) if isinstance(layer, LSTM)]
    others = [layer for layer in _layers(model) if not isinstance(layer, LSTM)]
    return (
        len(recurrent) > 0
        and all(recurrence.serves(layer) for layer in recurrent)
        and all(type(layer) in SEPARABLE for layer in others)
        and not tf.config.list_logical_devices("GPU")
    )


def _layers(model: zoo.Autoencoder) -> list[keras.layers.Layer]:
    return [*model.encoder.layers, *model.decoder.layers]


def prepare_training(
    model: zoo.Autoencoder,
    samples: np.ndarray,
    batch_size: int,
    seed: int,
    *,
    xla: bool,
    draw: Draw | None = None,
) -> tf.data.Dataset:
    """Prepare a compiled model to be trained, by `fit` on what is returned, to give back samples.

    The steps are those of `fit` on batches that are shuffled afresh each epoch, the last of which
    is smaller; but callbacks hear of a batch only once in `STEPS_PER_CALL`.

    Args:
        model: A compiled model, on one device.
        samples: `(samples, *sample_shape)`; a `np.memmap` is not taken into memory.
        batch_size: Samples of a step.
        seed: Seed of the shuffles.
        xla: Compile the steps into one program.
        draw: Draws from a batch what the model sees of it, and what it is to give back.
    """
    for layer in _layers(model):
        if isinstance(layer, Corruption | GaussianLatent):
            layer.random = philox
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
    # Keras makes a function of its own only where there is none yet.
    model.train_function = run
    return data


def prepare_validation(
    model: zoo.Autoencoder, inputs: np.ndarray, targets: np.ndarray, batch_size: int, *, xla: bool
) -> tf.data.Dataset:
    """Prepare a compiled model to be validated, by `fit` or `evaluate`, on what is returned.

    As `prepare_training` does, but in order, and with targets that may differ from the inputs.
    """
    x = tf.constant(inputs)
    y = x if targets is inputs else tf.constant(targets)

    def step(indices):
        model.test_step((tf.gather(x, indices), tf.gather(y, indices)))

    model.test_function = _function(model, step, batch_size, xla)
    return batching.in_order(len(inputs), batch_size, STEPS_PER_CALL)


def _train_in_parts(model: zoo.Autoencoder) -> Callable[[tf.Tensor, tf.Tensor], None]:
    """Return a training step on a batch in equal parts, each an XLA program on a core of its own.

    Their mean loss and mean gradient are the batch's.
    """
    for layer in _layers(model):
        if isinstance(layer, LSTM):
            layer.inner_loop = types.MethodType(recurrence.inner_loop, layer)
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
    model: zoo.Autoencoder, step: Callable[[tf.Tensor], None], batch_size: int, xla: bool
) -> Callable[[Iterator], dict]:
    """Return what Keras calls with an iterator over items, of samples, and steps to start with.

    It makes the steps of one call, each on the items of a batch.
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
