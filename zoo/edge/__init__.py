"""Run an exported `.tflite` file with NumPy and LiteRT alone: no TensorFlow, no Keras.

model = zoo.edge.load("model.tflite")
reconstructions = model.reconstruct(x)
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.edge import log_mel, metadata
    from zoo.edge.runner import EdgeModel, load

__all__ = ["EdgeModel", "load", "log_mel", "metadata"]

_MODULES = ("log_mel", "metadata")


# On first use: the sound front end must run where LiteRT is not installed.
def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"zoo.edge.{name}")
    if name in __all__:
        return getattr(importlib.import_module("zoo.edge.runner"), name)
    raise AttributeError(f"module 'zoo.edge' has no attribute {name!r}")
