"""Loading an autoencoder from a `.keras` file."""

import os
import re
from pathlib import Path

import keras

from zoo.autoencoder import Autoencoder
from zoo.errors import InputError


def load(path: str | os.PathLike) -> Autoencoder:
    """Load an autoencoder from a `.keras` file, in safe mode: no code in the file is run.

    Args:
        path: A `model.keras`, as `zoo train` writes it or `model.save` does.

    Returns:
        The model as it was saved.

    Raises:
        InputError: No such file, a damaged one, or a model that is no `Autoencoder`.
    """
    if not Path(path).is_file():
        raise InputError(f"There is no file {path}.")
    try:
        model = keras.saving.load_model(path, safe_mode=True)
    # Keras raises whatever its parsers raise on a damaged file: zip, JSON, HDF5 and type errors.
    except Exception as error:
        reason = str(error).partition("\n")[0]
        if unknown := re.search(r"Could not locate class '(\w+)'", reason):
            raise InputError(
                f"{path} holds a {unknown[1]}, a class that is not known here: import the Python "
                "file that defines it first (--import FILE.py of the command)."
            ) from error
        raise InputError(
            f"{path} is damaged or no Keras model that can be trusted: {reason}"
        ) from error
    if not isinstance(model, Autoencoder):
        raise InputError(f"{path} holds a {type(model).__name__}, not an Autoencoder of this zoo.")
    return model
