"""Trained weights: which exist, what they reached, and the models that hold them.

The weights of the recipe `dense_mnist` are those of the model `dense` named `mnist`; its folder
holds the model and its result, with the model's sha256.
"""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo import name_matching, registry
from zoo.artefact_names import KERAS_FILE, RESULT, packaged
from zoo.errors import InputError

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder

FOLDER = packaged("trained", beside="saved_models")


def list_weights(model: str) -> dict[str, str]:
    """Return the names of a model's trained weights, and what each of them reached, in words."""
    found = {}
    for path in sorted(FOLDER.glob(f"{model}_*/{RESULT}")):
        if (path.parent / KERAS_FILE).is_file():
            name = path.parent.name.removeprefix(f"{model}_")
            found[name] = headline(json.loads(path.read_text(encoding="utf-8")))
    return found


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

    Raises:
        InputError: No such weights, a changed file, or arguments that the weights do not fit.
    """
    from zoo import model_loading

    folder = _find(model, name)
    result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    path = folder / KERAS_FILE
    if hashlib.sha256(path.read_bytes()).hexdigest() != result["artefacts"][KERAS_FILE]["sha256"]:
        raise InputError(
            f"{path} is not the file that was published (sha256 differs): install the package "
            "again, or restore the file."
        )
    trained = model_loading.load(path)
    if not arguments:
        return trained
    recorded = {
        **registry.defaults(model),
        **result["recipe"]["arguments"],
        "input_shape": result["data"]["sample_shape"],
    }
    recorded = {argument: _as_tuple(value) for argument, value in recorded.items()}
    built = registry.build(model, **{**recorded, **arguments})
    if [weight.shape for weight in built.weights] != [weight.shape for weight in trained.weights]:
        differing = " and ".join(
            f"{argument}={value!r}, they were trained with {recorded[argument]!r}"
            for argument, value in arguments.items()
            if _as_tuple(value) != recorded[argument]
        )
        raise InputError(
            f"The weights {name!r} of {model!r} do not fit {differing}: leave it out, or train a "
            "model of that size."
        )
    built.set_weights(trained.get_weights())
    return built


def _as_tuple(value: Any) -> Any:
    # JSON makes lists of tuples.
    return tuple(value) if isinstance(value, list) else value


def _find(model: str, name: str) -> Path:
    found = list_weights(model)
    if not found:
        raise InputError(f"There are no trained weights of {model!r}: train it first.")
    return FOLDER / f"{model}_{name_matching.match(name, found, f'set of weights of {model!r}')}"
