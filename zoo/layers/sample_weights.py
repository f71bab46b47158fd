"""Sample weights for what layers add to the loss.

Keras gives the weights of samples to the loss alone, not to the layers. So a model sets them here
for the time of a training or test step, and the layers of this package weigh their penalties.
"""

import contextlib
import contextvars
from collections.abc import Iterator, Sequence
from typing import Any

import keras
from keras import ops

# Each thread has its own: a strategy of several devices makes the steps of each in a thread.
_weights: contextvars.ContextVar[Any] = contextvars.ContextVar("sample_weights", default=None)


@contextlib.contextmanager
def weighing(sample_weight: Any) -> Iterator[None]:
    """Let layers that are called inside weigh samples.

    Args:
        sample_weight: As `fit` takes it, one weight for each sample or more, `(batch, ...)`; a
            sample with several weights counts with their mean. None: all samples count alike.
    """
    token = _weights.set(sample_weight)
    try:
        yield
    finally:
        _weights.reset(token)


def weights() -> Any:
    """Return the weight of each sample, `(batch,)`, as float; None where all count alike."""
    given = _weights.get()
    if given is None:
        return None
    given = ops.cast(given, keras.config.floatx())
    return ops.mean(ops.reshape(given, (ops.shape(given)[0], -1)), axis=1)


def weighed(values: Any) -> Any:
    """Return values times the weights of their samples, `(batch, ...)`; as they are without any."""
    given = weights()
    if given is None:
        return values
    shape = (-1, *(1 for _ in values.shape[1:]))
    return values * ops.cast(ops.reshape(given, shape), values.dtype)


@contextlib.contextmanager
def weighing_regularizers(layers: Sequence[keras.layers.Layer]) -> Iterator[None]:
    """Let the activity regularisers of Keras do as the layers of this package do.

    They weigh samples, and they do not count in a layer that is frozen.
    """
    changed = {}
    for layer in layers:
        regularizer = layer.activity_regularizer
        if regularizer is not None and not (layer.trainable and weights() is None):
            changed[layer] = regularizer
            layer.activity_regularizer = _weighing(regularizer) if layer.trainable else None
    try:
        yield
    finally:
        for layer, regularizer in changed.items():
            layer.activity_regularizer = regularizer


def _weighing(regularizer):
    return lambda values: ops.sum(weighed(ops.vectorized_map(regularizer, values)))
