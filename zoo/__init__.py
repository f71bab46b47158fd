"""A model zoo of autoencoders for Keras: `zoo.get("vae")` and train it with `compile` and `fit`.

Importing this package loads neither Keras nor TensorFlow; the first `zoo.get` does.
"""

import importlib
from typing import TYPE_CHECKING, Any

from zoo.errors import InputError
from zoo.registry import get, list_models, register

if TYPE_CHECKING:
    from zoo import edge, log_mel
    from zoo.autoencoder import Autoencoder, load
    from zoo.sampling import sample

__all__ = [
    "Autoencoder",
    "InputError",
    "edge",
    "get",
    "list_models",
    "load",
    "log_mel",
    "register",
    "sample",
]

# Loaded on first use: these modules import Keras, which takes seconds, LiteRT or NumPy.
_LAZY = {"Autoencoder": "zoo.autoencoder", "load": "zoo.autoencoder", "sample": "zoo.sampling"}


def __getattr__(name: str) -> Any:
    if name in ("edge", "log_mel"):
        return importlib.import_module(f"zoo.{name}")
    if name not in _LAZY:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
