"""The lowest and the highest value that a model can give."""

import math

import keras
import numpy as np

# Layers and operations that hand on values as they are, in another place or shape.
REARRANGING = {
    "Cropping1D", "Cropping2D", "Cropping3D", "Flatten", "Flip", "GetItem", "Permute", "Reshape",
    "Squeeze", "Transpose", "UpSampling1D", "UpSampling2D", "UpSampling3D",
}  # fmt: skip
# An activation is tried out on values of both signs between these magnitudes.
LEAST, MOST = 1e-3, 1e4


def output_range(model: keras.Model) -> tuple[float, float]:
    """Return the range of a functional model's output, as its last activation bounds it.

    Returns:
        The lowest and the highest value; infinite where nothing bounds them.
    """
    for operation in reversed(model.operations):
        if getattr(operation, "activation", None) is not None:
            return _range_of(operation.activation)
        if isinstance(operation, keras.layers.ReLU):
            return _range_of(operation)
        if type(operation).__name__ not in REARRANGING:
            break
    return -math.inf, math.inf


def _range_of(activation) -> tuple[float, float]:
    magnitudes = np.geomspace(LEAST, MOST, 1000, dtype="float32")
    tried = np.concatenate([-magnitudes, magnitudes])[None]
    values = keras.ops.convert_to_numpy(activation(keras.ops.convert_to_tensor(tried)))
    low, high = float(values.min()), float(values.max())
    # What grows with its input has no bound.
    return low if low > -MOST / 100 else -math.inf, high if high < MOST / 100 else math.inf
