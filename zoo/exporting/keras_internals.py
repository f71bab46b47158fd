"""The private parts of Keras that this package relies on, and one that it changes while it traces.

A layer's `_inbound_nodes` are its calls in models. If they are gone, see how `Layer.input` finds a
layer's inputs.

Keras's argmax and argmin tell -0.0 from 0.0 by an operator that TFLite does not have. They are
`argmax` and `argmin` of `keras.src.backend.tensorflow.numpy`; these are replaced here by those of
TensorFlow, for which the two zeros are equal. If a release of Keras moves these functions, the test
of whole-number codes in tests/exporting/test_codes.py fails: find the functions that
`keras.ops.argmax` calls, and replace those.
"""

import contextlib
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf


def most_inputs(layer: keras.layers.Layer) -> int:
    """Return how many tensors a layer gets at most in one call; a state to start with is one."""
    return max(len(node.input_tensors) for node in layer._inbound_nodes)


@contextlib.contextmanager
def convertible_argmax() -> Iterator[None]:
    """Let Keras's argmax and argmin be single operators that the converter knows."""
    backend: Any = importlib.import_module("keras.src.backend.tensorflow.numpy")
    argmax, argmin = backend.argmax, backend.argmin
    backend.argmax, backend.argmin = _single(argmax, tf.argmax), _single(argmin, tf.argmin)
    try:
        yield
    finally:
        backend.argmax, backend.argmin = argmax, argmin


def _single(usual: Callable, operator: Callable) -> Callable:
    def find(x, axis=None, keepdims=False):
        if axis is None:
            return usual(x, axis, keepdims)
        found = operator(x, axis=axis, output_type="int32")
        return tf.expand_dims(found, axis) if keepdims else found

    return find
