"""Registering the zoo's classes with Keras as soon as Keras is loaded, but not loading it.

So `keras.saving.load_model("model.keras")` works after `import zoo` alone, which takes no seconds.
(wrapt's import hooks do the same, but take three times as long to import as the whole package.)
"""

import importlib
import importlib.util
import sys
from types import ModuleType


def register_when_loaded() -> None:
    """Register the classes now if Keras is loaded, else right after it is."""
    # None marks a package that must not be imported.
    if sys.modules.get("keras") is not None:
        importlib.import_module("zoo.autoencoder")
    else:
        sys.meta_path.insert(0, _KerasFinder())


class _KerasFinder:
    """Finds Keras as Python itself does, and lets registration follow its first import."""

    def find_spec(self, name, path=None, target=None):
        if name != "keras":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("keras")
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_register(module: ModuleType) -> None:
            load(module)
            importlib.import_module("zoo.autoencoder")

        spec.loader.exec_module = load_and_register
        return spec
