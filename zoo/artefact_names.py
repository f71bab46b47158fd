"""The names of the files that a trained model's folder holds, and where the package keeps its own.

A folder of artefacts is what `zoo.train` writes: the model in several formats, its result, its
card and its pictures.
"""

from pathlib import Path

KERAS_FILE, SAVED_MODEL, TFLITE_FILE = "model.keras", "saved_model", "model.tflite"
# The recipe, the versions, and every figure of the model and of each file.
RESULT = "result.json"
# The model card.
CARD = "README.md"

_HERE = Path(__file__).parent


def packaged(inside: str, beside: str) -> Path:
    """Return a folder of files that come with the package.

    Args:
        inside: Its name inside an installed package.
        beside: Its name beside the package in a checkout of the repository.
    """
    installed = _HERE / inside
    return installed if installed.is_dir() else _HERE.parent / beside
