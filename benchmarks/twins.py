"""The same trained network as a PyTorch user would have it: a plain module, and its ONNX export.

A twin computes what the Keras model computes at inference: corruption and penalties vanish, the
code of a VAE is its mean. Where a model convolves, its twin sees images as PyTorch lays them out,
`(batch, channels, height, width)`, and the dense weights next to the convolutions are permuted
once, here: no twin spends time on converting layouts.
"""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime
import torch
from keras.src.ops.numpy import Flip  # The public `keras.ops.flip` makes one of these.
from torch import nn

import zoo
from zoo.layers import Corruption, GaussianLatent, KLSparsity, KSparse, KSparseMaps

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
# At inference these pass their (first) input on.
IDENTITIES = (keras.layers.InputLayer, Corruption, GaussianLatent, KLSparsity)


class Apply(nn.Module):
    """A function without weights as a module."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]):
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


class LSTM(nn.LSTM):
    """An LSTM that returns all outputs, `(batch, steps, units)`, or the last one alone."""

    def __init__(self, features: int, units: int, return_sequences: bool):
        super().__init__(features, units, batch_first=True)
        self.return_sequences = return_sequences

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs, _ = super().forward(x)
        return outputs if self.return_sequences else outputs[:, -1]


def torch_twin(model: zoo.Autoencoder) -> nn.Module:
    """Return a PyTorch module with the weights of a loaded Keras model, for inference.

    Takes batches as `to_torch` makes them; `from_torch` turns its outputs back.

    Raises:
        InputError: A layer or an activation that PyTorch is not told how to run here.
    """
    # The log-variance of a VAE plays no part at inference; without it every model is a chain.
    chain = [
        layer
        for half in (model.encoder, model.decoder)
        for layer in half.operations
        if not isinstance(layer, IDENTITIES) and layer.name != "log_variance"
    ]
    modules = [
        module
        for place, layer in enumerate(chain)
        for module in _modules(
            layer,
            chain[place - 1] if place else None,
            _next_shaped(chain[place + 1 :]),
            convolves(model),
        )
    ]
    return nn.Sequential(*modules).eval().requires_grad_(False)


def onnx_session(twin: nn.Module, x: torch.Tensor, path: Path) -> onnxruntime.InferenceSession:
    """Write a twin as an ONNX file for inputs shaped as `x`; return it loaded, on one thread."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The exporter warns about its own insides.
        torch.onnx.export(twin, (x,), path, dynamo=True, external_data=False, verbose=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def convolves(model: zoo.Autoencoder) -> bool:
    """Return whether the model holds convolutions."""
    return any(isinstance(layer, keras.layers.Conv2D) for layer in model.encoder.layers)


def to_torch(model: zoo.Autoencoder, x: np.ndarray) -> torch.Tensor:
    """Return a Keras batch as the twin takes it: images channels first if the model convolves."""
    return torch.from_numpy(
        np.ascontiguousarray(x.transpose(0, 3, 1, 2) if convolves(model) else x)
    )


def from_torch(model: zoo.Autoencoder, y: np.ndarray) -> np.ndarray:
    """Return an output of the twin in Keras's layout."""
    return y.transpose(0, 2, 3, 1) if convolves(model) else y


def _next_shaped(chain: list[keras.layers.Layer]) -> keras.layers.Layer | None:
    """Return the first layer that does not pass on values in the order that they came in."""
    passing = keras.layers.BatchNormalization, keras.layers.Activation
    return next((layer for layer in chain if not isinstance(layer, passing)), None)


def _modules(layer, before, after, channels_first: bool) -> Iterator[nn.Module]:
    """Yield the modules that do what a Keras layer, between its neighbours, does."""
    match layer:
        case keras.layers.Flatten():
            yield nn.Flatten()
        case keras.layers.Dense():
            yield _dense(layer, before, after, channels_first)
        case keras.layers.BatchNormalization():
            yield _batch_normalization(layer, after, channels_first)
        case keras.layers.Conv2DTranspose():
            yield from _transposed_convolution(layer)
        case keras.layers.Conv2D():
            yield from _convolution(layer)
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
    return _with(dense, weight=kernel.T, bias=biases[0] if biases else None)


def _channels_first(size: int, channels: int) -> np.ndarray:
    """Return where the values of a flat channels-first image lie in the channels-last one."""
    return np.arange(size).reshape(-1, channels).T.ravel()


def _batch_normalization(layer, after, channels_first: bool) -> nn.Module:
    flat = layer.input.ndim == 2
    order: Any = slice(None)
    if flat and channels_first and isinstance(after, keras.layers.Reshape):
        order = _channels_first(layer.moving_mean.shape[0], after.target_shape[-1])
    gamma, beta, mean, variance = (weights[order] for weights in layer.get_weights())
    return _with(
        (nn.BatchNorm1d if flat else nn.BatchNorm2d)(len(mean), eps=layer.epsilon),
        weight=gamma,
        bias=beta,
        running_mean=mean,
        running_var=variance,
    )


def _convolution(layer) -> Iterator[nn.Module]:
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
    convolution = nn.Conv2d(
        kernel.shape[2],
        kernel.shape[3],
        layer.kernel_size,
        layer.strides,
        [start for start, _ in pads] if even else 0,
        bias=layer.use_bias,
    )
    yield _with(
        convolution,
        weight=kernel.transpose(3, 2, 0, 1),
        bias=biases[0] if biases else None,
    )


def _transposed_convolution(layer) -> Iterator[nn.Module]:
    kernel, bias = layer.get_weights()
    height, width = layer.output.shape[1:3]
    axes = list(
        zip((height, width), layer.input.shape[1:3], layer.strides, layer.kernel_size, strict=True)
    )
    pads = [_same_padding(*axis) for axis in axes]
    convolution = nn.ConvTranspose2d(
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
    yield _with(convolution, weight=kernel.transpose(3, 2, 0, 1), bias=bias)
    # What an odd padding leaves over at the end is cut off.
    if any(start != end for start, end in pads):
        yield Apply(lambda x: x[:, :, :height, :width])


def _same_padding(size: int, small: int, stride: int, kernel_size: int) -> tuple[int, int]:
    """Return how much `same` pads one axis, at its start and end, on the way `size` -> `small`."""
    total = max((small - 1) * stride + kernel_size - size, 0)
    return total // 2, total - total // 2


def _lstm(layer) -> nn.Module:
    kernel, recurrent_kernel, bias = layer.get_weights()
    return _with(
        LSTM(len(kernel), layer.units, layer.return_sequences),
        weight_ih_l0=kernel.T,
        weight_hh_l0=recurrent_kernel.T,
        bias_ih_l0=bias,
        bias_hh_l0=np.zeros_like(bias),
    )


def _with(module: nn.Module, **weights) -> nn.Module:
    """Set a module's weights, each by its name; what is None or not named stays."""
    given = {name: value for name, value in weights.items() if value is not None}
    state = {name: torch.tensor(np.array(value)) for name, value in given.items()}
    module.load_state_dict(state, strict=False)
    return module
