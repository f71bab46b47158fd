"""Loading an autoencoder from a `.keras` file."""

import json
import os
import re
import zipfile
from pathlib import Path

import keras
import numpy as np

from zoo.autoencoder import Autoencoder
from zoo.errors import InputError

# The first bytes of files of other formats, from a place on, and what they are.
OTHER_FORMATS = (
    (
        0,
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file, the older format of Keras: read it with keras.saving.load_model, and save "
        "the model as .keras",
    ),
    (4, b"TFL3", "a TFLite file, which has no layers: name the .keras file that it was made from"),
)
# What a file may unpack to: weights take little less room packed, but zeros take next to none.
MOST_BYTES, MOST_RATIO = 100_000_000, 20
UNKNOWN = re.compile(r"Could not locate (?:class|function) '([^']+)'|Unknown \w+: '?(\w+)")


def load(path: str | os.PathLike) -> Autoencoder:
    """Load an autoencoder from a `.keras` file, in safe mode: no code in the file is run.

    Args:
        path: A `model.keras`, as `zoo train` writes it or `model.save` does.

    Returns:
        The model as it was saved.

    Raises:
        InputError: No such file, a damaged one, one of an older format, one with classes that are
            not known here, or a model that is no `Autoencoder`.
    """
    version = _keras_version(Path(path))
    try:
        model = keras.saving.load_model(path, safe_mode=True)
    # Keras raises whatever its parsers raise on a damaged file: zip, JSON, HDF5 and type errors.
    except Exception as error:
        raise InputError(f"{path} {_complaint(str(error), version)}.") from error
    if not isinstance(model, Autoencoder):
        raise InputError(f"{path} holds a {type(model).__name__}, not an Autoencoder of this zoo.")
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise InputError(f"{path} holds weights that are NaN or infinite: train the model again.")
    return model


def _complaint(error: str, version: str) -> str:
    """Return what is wrong with a file, from Keras's error and the Keras that wrote the file."""
    reason = error.strip().partition("\n")[0]
    if unknown := UNKNOWN.search(error):
        return (
            f"needs {unknown[1] or unknown[2]}, which is not known here: import the Python file "
            "that defines it first (--import FILE.py of the command), with "
            "@keras.saving.register_keras_serializable() above it"
        )
    if "lambda" in error.lower() and "safe" in error.lower():
        return (
            "holds a Lambda layer, Python code that is not run from a file: write it as a class of "
            "a layer, and save the model again"
        )
    if version.partition(".")[0] != keras.__version__.partition(".")[0]:
        return (
            f"was saved by Keras {version}, whose models Keras {keras.__version__} does not read "
            f"({reason}): build the model anew and train it, or save it with Keras 3"
        )
    return f"is damaged ({reason}): restore the file, or train and save the model again"


def _keras_version(path: Path) -> str:
    """Return the version of Keras that saved a file.

    Raises:
        InputError: There is no such file, it is no `.keras` file, or a damaged one.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: name the .keras file in it.")
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    with path.open("rb") as file:
        start = file.read(16)
    for place, magic, what in OTHER_FORMATS:
        if start[place:].startswith(magic):
            raise InputError(f"{path} is {what}.")
    if not start.startswith(b"PK"):
        raise InputError(f"{path} is damaged or no .keras file: name one that model.save wrote.")
    if path.suffix != ".keras":
        raise InputError(f"{path} must have a name that ends in .keras: rename it.")
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MOST_BYTES + MOST_RATIO * path.stat().st_size:
                raise InputError(
                    f"{path} would unpack to {unpacked / 1e6:,.0f} MB, {MOST_RATIO} times its size "
                    "or more, as no model does: use a file from a source that you trust."
                )
            return str(json.loads(archive.read("metadata.json"))["keras_version"])
    except InputError:
        raise
    # A damaged archive raises errors of many types.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"{path} is damaged ({reason}): restore the file, or train and save the model again."
        ) from error
