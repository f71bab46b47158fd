"""Trained weights: which exist, what they reached, and the models that hold them.

The book's recipes with gates are published. The weights of the recipe `dense_mnist` are those of
the model `dense` named `mnist`; its folder holds the model and its result, with the model's sha256.
"""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo import name_matching, recipe_book, registry
from zoo.artefact_names import KERAS_FILE, RESULT, TFLITE_FILE, packaged
from zoo.errors import InputError

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder

logger = logging.getLogger(__name__)

FOLDER = packaged("trained", beside="saved_models")


def list_weights(model: str) -> dict[str, str]:
    """Return the names of a model's trained weights, and what each of them reached, in words.

    Weights whose result is damaged are left out, with a warning.
    """
    found = {}
    for name, folder in _folders(model).items():
        try:
            found[name] = headline(_read(folder))
        except InputError as error:
            logger.warning("The weights %r of %r are left out: %s", name, model, error)
    return found


def is_published(folder: Path, recipe: Mapping[str, Any]) -> bool:
    """Return whether a folder is where the zoo keeps the weights of a recipe of the book.

    Args:
        folder: Folder of artefacts.
        recipe: Its recipe in plain values.
    """
    known = recipe_book.read().get(recipe["name"])
    # A recipe without gates claims nothing, and none of its results are published.
    if known is None or not known.gates or not known.matches(recipe):
        return False
    return folder.resolve() == (FOLDER / known.name).resolve()


def headline(result: dict[str, Any]) -> str:
    """Return a result's figure and its baseline, such as `test MSE 0.0030 (PCA 0.0177)`."""
    figure = result["headline"]
    return f"{figure['label']} {figure['text']} ({figure['baseline']} {figure['baseline_text']})"


def load(model: str, name: str, arguments: dict[str, Any]) -> "Autoencoder":
    """Return a model with trained weights.

    Args:
        model: Name of the model, as the registry spells it.
        name: Name of the weights, in any case.
        arguments: Arguments of the builder to change; they may not change the shape of a weight.

    Returns:
        The model; unless an argument changes it, with the threshold of its `model.tflite`.

    Raises:
        InputError: No such weights, a changed file, or arguments that the weights do not fit.
    """
    from zoo import model_loading

    folder = _find(model, name)
    result = _read(folder)
    path = folder / KERAS_FILE
    if hashlib.sha256(path.read_bytes()).hexdigest() != result["artefacts"][KERAS_FILE]["sha256"]:
        raise InputError(
            f"{path} is not the file that was published (sha256 differs): install the package "
            "again, or restore the file."
        )
    trained = model_loading.load(path)
    threshold = result["artefacts"].get(TFLITE_FILE, {}).get("threshold")
    trained.threshold = threshold and threshold["score"]
    recorded = {
        **registry.defaults(model),
        **result["recipe"]["arguments"],
        "input_shape": result["data"]["sample_shape"],
    }
    recorded = {argument: _as_tuple(value) for argument, value in recorded.items()}
    changed = {
        argument: value
        for argument, value in arguments.items()
        if argument not in recorded or _as_tuple(value) != recorded[argument]
    }
    if not changed:
        return trained
    # Its scores are others, so it has no threshold.
    built = registry.build(model, **{**recorded, **changed})
    if [weight.shape for weight in built.weights] != [weight.shape for weight in trained.weights]:
        differing = " and ".join(
            f"{argument}={value!r}, they were trained with {recorded[argument]!r}"
            for argument, value in changed.items()
        )
        raise InputError(
            f"The weights {name!r} of {model!r} do not fit {differing}: leave it out, or train a "
            "model of that size."
        )
    built.set_weights(trained.get_weights())
    return built


def _as_tuple(value: Any) -> Any:
    """Return a list or an array as a tuple, and a number of NumPy as one of Python."""
    # JSON makes lists of tuples.
    value = value.tolist() if hasattr(value, "tolist") else value
    return tuple(value) if isinstance(value, list) else value


def _folders(model: str) -> dict[str, Path]:
    """Return the folders of a model's published recipes that are there, by the weights' names."""
    names = [r.name for r in recipe_book.read().values() if r.gates and r.model == model]
    folders = {name.removeprefix(f"{model}_"): FOLDER / name for name in names}
    return {
        name: folder
        for name, folder in folders.items()
        if (folder / RESULT).is_file() and (folder / KERAS_FILE).is_file()
    }


def _read(folder: Path) -> dict[str, Any]:
    # Its schema needs pydantic, which a device does not have.
    from zoo import result_reading

    result = result_reading.read(folder)
    if not is_published(folder, result["recipe"]):
        raise InputError(
            f"{folder} was trained with other settings than the recipe {folder.name!r} has: "
            "install the package again, or train the recipe again."
        )
    return result


def _find(model: str, name: str) -> Path:
    found = _folders(model)
    if not found:
        raise InputError(
            f"The zoo has no trained weights of {model!r}: train it, and load its {KERAS_FILE} "
            "with zoo.load."
        )
    return found[name_matching.match(name, found, f"set of weights of {model!r}")]
