"""Keras's global settings: the zoo's own runs have the same ones on every machine.

A machine sets them in `~/.keras/keras.json`, a program in Python or by environment variables.
"""

import contextlib
from collections.abc import Iterator

import keras

# What published models were trained with: Keras's own defaults.
FLOATX = "float32"
EPSILON = 1e-7
IMAGE_DATA_FORMAT = "channels_last"


@contextlib.contextmanager
def defaults() -> Iterator[None]:
    """Run with Keras's default settings, and put back in the end what was set before.

    Those are the float type, the dtype policy, epsilon, the image data format, and no cap on epochs
    and steps. Layers that are built inside keep them. As a decorator, it does so for a function.
    """
    config = keras.config
    before = config.floatx(), config.epsilon(), config.max_epochs(), config.max_steps_per_epoch()
    # The policy is read first: one that nobody set follows the float type.
    with computing_in(FLOATX), channels_last():
        _set(FLOATX, EPSILON, None, None)
        try:
            yield
        finally:
            _set(*before)


@contextlib.contextmanager
def computing_in(policy: str) -> Iterator[None]:
    """Let layers that are built inside compute in a precision, such as `mixed_bfloat16`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextlib.contextmanager
def channels_last() -> Iterator[None]:
    """Let layers that are built inside take images as `(height, width, channels)`."""
    before = keras.config.image_data_format()
    keras.config.set_image_data_format(IMAGE_DATA_FORMAT)
    try:
        yield
    finally:
        keras.config.set_image_data_format(before)


def _set(floatx: str, epsilon: float, epochs: int | None, steps: int | None) -> None:
    keras.config.set_floatx(floatx)
    keras.config.set_epsilon(epsilon)
    keras.config.set_max_epochs(epochs)
    keras.config.set_max_steps_per_epoch(steps)
