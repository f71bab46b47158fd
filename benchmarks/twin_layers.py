"""The PyTorch counterparts of single Keras layers, with the same weights."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import torch
from keras.src.ops.numpy import Flip  # The public `keras.ops.flip` makes one of these.
from torch import nn

import zoo
from benchmarks.twin_convolutions import Apply, convolution, transposed_convolution, with_weights
from zoo.layers import KSparse, KSparseMaps

ACTIVATIONS = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "relu": nn.ReLU,
    "selu": nn.SELU,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
}


class LSTM(nn.LSTM):
    """An LSTM that returns all outputs, `(batch, steps, units)`, or the last one alone."""

    def __init__(self, features: int, units: int, return_sequences: bool):
        super().__init__(features, units, batch_first=True)
        self.return_sequences = return_sequences

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs, _ = super().forward(x)
        return outputs if self.return_sequences else outputs[:, -1]


def modules_of(layer, before, after, channels_first: bool) -> Iterator[nn.Module]:
    """Yield the PyTorch modules that compute what a Keras layer computes.

    Args:
        layer: A loaded layer; its weights are copied.
        before: The layer before it, or None.
        after: The next layer that reorders values, or None.
        channels_first: Whether PyTorch's images are laid out channels first.

    Raises:
        InputError: The layer or its activation has no counterpart here.
    """
    match layer:
        case keras.layers.Flatten():
            yield nn.Flatten()
        case keras.layers.Dense():
            yield _dense(layer, before, after, channels_first)
        case keras.layers.BatchNormalization():
            yield _batch_normalization(layer, after, channels_first)
        case keras.layers.Conv2DTranspose():
            yield from transposed_convolution(layer)
        case keras.layers.Conv2D():
            yield from convolution(layer)
        case keras.layers.LSTM():
            yield _lstm(layer)
        case keras.layers.Reshape():
            *sides, channels = layer.target_shape
            shape = (channels, *sides) if channels_first else layer.target_shape
            yield Apply(lambda x: x.reshape(len(x), *shape))
        case keras.layers.RepeatVector():
            yield Apply(lambda x: x[:, None].expand(-1, layer.n, -1))
        case Flip():
            yield Apply(lambda x: x.flip(layer.axis))
        case keras.layers.MaxPooling2D():
            # Padded at the end, as Keras pads.
            yield nn.MaxPool2d(layer.pool_size, layer.strides, ceil_mode=True)
        case keras.layers.Cropping2D():
            (_, below), (_, right) = layer.cropping
            yield Apply(lambda x: x[:, :, : x.shape[2] - below, : x.shape[3] - right])
        case KSparseMaps():
            yield Apply(lambda x: torch.relu(x - x.flatten(2).topk(layer.k + 1)[0][..., -1:, None]))
        case KSparse():
            yield Apply(lambda x: torch.where(x >= x.topk(layer.k)[0][:, -1:], x, 0.0))
        case keras.layers.Activation():
            pass
        case _:
            raise zoo.InputError(
                f"Only layers of the zoo's own models are timed beside PyTorch, but got a "
                f"{type(layer).__name__} layer: name the .tflite file where no model.keras lies."
            )
    # An LSTM's activations are its own.
    if hasattr(layer, "activation") and not isinstance(layer, keras.layers.LSTM):
        yield from _activation(layer.activation.__name__)


def _activation(name: str) -> Iterator[nn.Module]:
    if name == "linear":
        return
    if name not in ACTIVATIONS:
        raise zoo.InputError(
            f"Activations timed beside PyTorch are {', '.join(ACTIVATIONS)}, but got {name!r}."
        )
    yield ACTIVATIONS[name]()


def _dense(layer, before, after, channels_first: bool) -> nn.Module:
    kernel, *biases = layer.get_weights()
    if channels_first and isinstance(before, keras.layers.Flatten):
        kernel = kernel[_channels_first(len(kernel), before.input.shape[-1])]
    if channels_first and isinstance(after, keras.layers.Reshape):
        columns = _channels_first(layer.units, after.target_shape[-1])
        kernel, biases = kernel[:, columns], [bias[columns] for bias in biases]
    dense = nn.Linear(*kernel.shape, bias=layer.use_bias)
    return with_weights(dense, weight=kernel.T, bias=biases[0] if biases else None)


def _channels_first(size: int, channels: int) -> np.ndarray:
    """Return where the values of a flat channels-first image lie in the channels-last one."""
    return np.arange(size).reshape(-1, channels).T.ravel()


def _batch_normalization(layer, after, channels_first: bool) -> nn.Module:
    flat = layer.input.ndim == 2
    order: Any = slice(None)
    if flat and channels_first and isinstance(after, keras.layers.Reshape):
        order = _channels_first(layer.moving_mean.shape[0], after.target_shape[-1])
    gamma, beta, mean, variance = (weights[order] for weights in layer.get_weights())
    return with_weights(
        (nn.BatchNorm1d if flat else nn.BatchNorm2d)(len(mean), eps=layer.epsilon),
        weight=gamma,
        bias=beta,
        running_mean=mean,
        running_var=variance,
    )


def _lstm(layer) -> nn.Module:
    kernel, recurrent_kernel, bias = layer.get_weights()
    return with_weights(
        LSTM(len(kernel), layer.units, layer.return_sequences),
        weight_ih_l0=kernel.T,
        weight_hh_l0=recurrent_kernel.T,
        bias_ih_l0=bias,
        bias_hh_l0=np.zeros_like(bias),
    )
