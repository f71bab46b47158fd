"""Random numbers as `keras.random` draws them on TensorFlow, but quick with XLA too.

TensorFlow draws by Philox where no algorithm is named. XLA takes another one then, which costs 14
times as much on a CPU; so here Philox is named.
"""

import keras
import tensorflow as tf
from keras import ops


def normal(shape, dtype: str, seed: keras.random.SeedGenerator):
    """Return draws from N(0, 1)."""
    return tf.random.stateless_normal(shape, _state(seed), dtype=dtype, alg="philox")


def uniform(shape, dtype: str, seed: keras.random.SeedGenerator):
    """Return draws from [0, 1)."""
    return tf.random.stateless_uniform(shape, _state(seed), dtype=dtype, alg="philox")


def _state(seed: keras.random.SeedGenerator):
    # XLA needs int32, which Keras's seeds are not.
    return ops.cast(seed.next() % (tf.int32.max - 1), "int32")
