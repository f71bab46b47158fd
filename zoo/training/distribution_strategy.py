"""How training is spread over devices."""

import functools
from typing import get_args

import tensorflow as tf

from zoo.errors import InputError
from zoo.recipe import Strategy


def make_strategy(name: Strategy) -> tf.distribute.Strategy:
    """Return the strategy of that name, the same one each time.

    `single` stays on one device. `mirrored` uses all GPUs, or all logical CPUs where there is no
    GPU, if there are several. `auto` uses all GPUs if there are several, else one device.

    Raises:
        InputError: No strategy has that name.
    """
    if name not in get_args(Strategy):
        raise InputError(
            f"strategy must be one of {', '.join(get_args(Strategy))}, but got {name!r}."
        )
    gpus = tf.config.list_logical_devices("GPU")
    devices = gpus or tf.config.list_logical_devices("CPU")
    if name == "single" or len(devices) < 2 or (name == "auto" and not gpus):
        return tf.distribute.get_strategy()
    return _mirrored(tuple(device.name for device in devices))


# A second MirroredStrategy in one process would mix up its collectives with the first's.
@functools.cache
def _mirrored(devices: tuple[str, ...]) -> tf.distribute.Strategy:
    return tf.distribute.MirroredStrategy(devices)
