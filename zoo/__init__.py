"""A model zoo of autoencoders for Keras: `zoo.get("vae")` and train it with `compile` and `fit`.

Importing this package loads neither Keras nor TensorFlow; the first `zoo.get` does.
"""

import importlib
from typing import TYPE_CHECKING, Any

from zoo.errors import GateError, InputError
from zoo.keras_registration import register_when_loaded
from zoo.model_lookup import get, list_models
from zoo.registry import register

if TYPE_CHECKING:
    __version__: str
    from zoo import cli, data, edge, testing
    from zoo.autoencoder import Autoencoder
    from zoo.edge import log_mel
    from zoo.model_loading import load
    from zoo.pipeline.evaluate import evaluate
    from zoo.pipeline.export import export
    from zoo.pipeline.train import train
    from zoo.pipeline.verify import verify
    from zoo.prior_sampling import sample
    from zoo.recipe import Gate, Recipe

__all__ = [
    "Autoencoder",
    "Gate",
    "GateError",
    "InputError",
    "Recipe",
    "cli",
    "data",
    "edge",
    "evaluate",
    "export",
    "get",
    "list_models",
    "load",
    "log_mel",
    "register",
    "sample",
    "testing",
    "train",
    "verify",
]

# Loaded on first use: these modules import Keras or TensorFlow, which takes seconds, or LiteRT.
_LAZY = {
    "Autoencoder": "zoo.autoencoder",
    "Gate": "zoo.recipe",
    "Recipe": "zoo.recipe",
    "evaluate": "zoo.pipeline.evaluate",
    "export": "zoo.pipeline.export",
    "load": "zoo.model_loading",
    "sample": "zoo.prior_sampling",
    "train": "zoo.pipeline.train",
    "verify": "zoo.pipeline.verify",
}
_LAZY_MODULES = {
    "cli": "zoo.cli",
    "data": "zoo.data",
    "edge": "zoo.edge",
    "log_mel": "zoo.edge.log_mel",
    "testing": "zoo.testing",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("autoencoder-zoo")
    if name in _LAZY_MODULES:
        return importlib.import_module(_LAZY_MODULES[name])
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'zoo' has no attribute {name!r}")


register_when_loaded()
