"""What one reconstruction costs to compute."""

import math

import keras

from zoo.autoencoder import Autoencoder
from zoo.layers import LSTM


def multiply_adds(model: Autoencoder) -> int:
    """Return the multiply-adds of one reconstruction in dense, convolutional and LSTM layers."""
    total = 0
    for layer in [*model.encoder.layers, *model.decoder.layers]:
        if isinstance(layer, keras.layers.LSTM):
            steps = layer.input.shape[1]
            once = isinstance(layer, LSTM) and layer.constant_input
            total += (1 if once else steps) * math.prod(layer.cell.kernel.shape)
            total += steps * math.prod(layer.cell.recurrent_kernel.shape)
        elif isinstance(layer, keras.layers.Conv2DTranspose):
            total += math.prod(layer.input.shape[1:-1]) * math.prod(layer.kernel.shape)
        elif isinstance(layer, keras.layers.Dense | keras.layers.Conv2D):
            total += math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    return total
