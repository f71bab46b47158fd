"""The private part of Keras that this package changes while it traces a graph for TFLite.

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

import tensorflow as tf


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
