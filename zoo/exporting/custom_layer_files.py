"""The Python files that a fresh process must run before it can load a model of a user's own."""

import inspect
from collections.abc import Callable
from pathlib import Path

import zoo

# Keras finds the classes of these packages by itself.
KNOWN = ("keras", "keras_cv", "keras_hub", "keras_nlp", "zoo")


def files_of(model: zoo.Autoencoder) -> list[Path]:
    """Return the files that define a model's layers and activations, but not Keras's or the zoo's.

    Raises:
        InputError: One is defined in a notebook or an interactive session.
    """
    files = {}
    for layer in model._flatten_layers():
        named = (getattr(layer, name, None) for name in ("activation", "recurrent_activation"))
        for kind in (type(layer), *(value for value in named if inspect.isfunction(value))):
            if kind.__module__.partition(".")[0] not in KNOWN:
                files[_file_of(kind)] = None
    return list(files)


def _file_of(kind: Callable) -> Path:
    try:
        file = inspect.getsourcefile(kind)
    # Python raises either where a class has no file.
    except (TypeError, OSError):
        file = None
    if file is None or not Path(file).is_file():
        raise zoo.InputError(
            f"The layer {kind.__qualname__} is defined in a notebook: move it to a Python file and "
            "import it, since every file is checked in a fresh process that has to find it."
        )
    return Path(file).resolve()
