"""Random numbers for layers, as `keras.random` draws them, but quick with XLA too."""

import keras
from keras import ops


def normal(shape, dtype: str, seed: keras.random.SeedGenerator):
    """Return draws from N(0, 1), as `keras.random.normal` does."""
    return _draw("normal", shape, dtype, seed)


def uniform(shape, dtype: str, seed: keras.random.SeedGenerator):
    """Return draws from [0, 1), as `keras.random.uniform` does."""
    return _draw("uniform", shape, dtype, seed)


def _draw(kind: str, shape, dtype: str, seed: keras.random.SeedGenerator):
    if keras.backend.backend() != "tensorflow":
        return getattr(keras.random, kind)(shape, dtype=dtype, seed=seed)
    import tensorflow as tf

    # Philox is what TensorFlow takes if none is named; what XLA takes then costs 14 times as much
    # on a CPU. Seeds must be int32 there, which Keras's are not.
    state = ops.cast(seed.next() % (tf.int32.max - 1), "int32")
    return getattr(tf.random, f"stateless_{kind}")(shape, state, dtype=dtype, alg="philox")
