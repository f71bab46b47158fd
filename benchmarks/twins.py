"""The twins of a trained Keras model: the same network as a PyTorch module and as an ONNX file.

A twin computes what the Keras model computes at inference: corruption and penalties are gone, and
the code of a VAE is its mean. The twin of a convolutional model takes images in PyTorch's layout,
`(batch, channels, height, width)`. The dense weights next to the convolutions are permuted once,
here, so no twin spends time on converting layouts.
"""

import warnings
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import torch
from torch import nn

import zoo
from benchmarks.twin_layers import modules_of
from zoo.layers import Corruption, GaussianLatent, KLSparsity

# At inference these return their (first) input.
IDENTITIES = (keras.layers.InputLayer, Corruption, GaussianLatent, KLSparsity)


def torch_twin(model: zoo.Autoencoder) -> nn.Module:
    """Return a PyTorch module with the weights of a loaded Keras model, for inference.

    Takes batches as `to_torch` makes them; `from_torch` turns its outputs back.

    Raises:
        InputError: A layer or an activation has no counterpart here.
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
        for module in modules_of(
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
