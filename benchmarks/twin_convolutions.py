"""The PyTorch counterparts of Keras's convolutions, and what all counterparts share."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import nn


class Apply(nn.Module):
    """A function without weights as a module."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]):
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


def with_weights(module: nn.Module, **weights) -> nn.Module:
    """Set a module's weights, each by its name; what is None or not named stays."""
    given = {name: value for name, value in weights.items() if value is not None}
    state = {name: torch.tensor(np.array(value)) for name, value in given.items()}
    module.load_state_dict(state, strict=False)
    return module


def convolution(layer) -> Iterator[nn.Module]:
    """Yield the modules of a `Conv2D` with `same` padding, on images channels first."""
    kernel, *biases = layer.get_weights()
    axes = zip(
        layer.input.shape[1:3],
        layer.output.shape[1:3],
        layer.strides,
        layer.kernel_size,
        strict=True,
    )
    pads = [_same_padding(*axis) for axis in axes]
    # Keras, as TensorFlow, pads an odd number at the end, which PyTorch does in a step of its own.
    even = all(start == end for start, end in pads)
    if not even:
        (top, bottom), (left, right) = pads
        yield nn.ZeroPad2d((left, right, top, bottom))
    module = nn.Conv2d(
        kernel.shape[2],
        kernel.shape[3],
        layer.kernel_size,
        layer.strides,
        [start for start, _ in pads] if even else 0,
        bias=layer.use_bias,
    )
    yield with_weights(
        module,
        weight=kernel.transpose(3, 2, 0, 1),
        bias=biases[0] if biases else None,
    )


def transposed_convolution(layer) -> Iterator[nn.Module]:
    """Yield the modules of a `Conv2DTranspose` with `same` padding, on images channels first."""
    kernel, bias = layer.get_weights()
    height, width = layer.output.shape[1:3]
    axes = list(
        zip((height, width), layer.input.shape[1:3], layer.strides, layer.kernel_size, strict=True)
    )
    pads = [_same_padding(*axis) for axis in axes]
    module = nn.ConvTranspose2d(
        kernel.shape[3],
        kernel.shape[2],
        layer.kernel_size,
        layer.strides,
        [start for start, _ in pads],
        # A kernel shorter than its stride does not reach the end.
        [
            max(size - (small - 1) * stride - kernel_size, 0)
            for size, small, stride, kernel_size in axes
        ],
    )
    yield with_weights(module, weight=kernel.transpose(3, 2, 0, 1), bias=bias)
    # What an odd padding leaves over at the end is cut off.
    if any(start != end for start, end in pads):
        yield Apply(lambda x: x[:, :, :height, :width])


def _same_padding(size: int, small: int, stride: int, kernel_size: int) -> tuple[int, int]:
    """Return how much `same` pads one axis, at its start and end, on the way `size` -> `small`."""
    total = max((small - 1) * stride + kernel_size - size, 0)
    return total // 2, total - total // 2
