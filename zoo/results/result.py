"""Reading and writing `result.json`, which says what a folder of artefacts holds."""

import json
from pathlib import Path
from typing import Any

from zoo.artefact_names import KERAS_FILE, RESULT
from zoo.errors import InputError
from zoo.exporting.comparison_with_keras import largest_difference
from zoo.quality_gate import Gate

# What only the result of a trained recipe holds; an exported model has none of them.
OF_TRAINING = ("headline", "figures", "runs")
# Fields of the recipe that the result of an exported model holds, and those of a trained one.
RECIPE_FIELDS = ("name", "model", "data", "arguments")
TRAINED_FIELDS = ("max_samples", "normal_label", "binarize", "per_channel", "reference", "goal")
HEADLINE_FIELDS = ("figure", "label", "text", "spread", "baseline", "baseline_text", "reached")


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Write `result.json`."""
    text = json.dumps(result, indent=2, allow_nan=False)
    (folder / RESULT).write_text(f"{text}\n", encoding="utf-8")


def read_result(folder: Path) -> dict[str, Any]:
    """Read the `result.json` of a folder of artefacts.

    Raises:
        InputError: There is none, or it is damaged.
    """
    path = folder / RESULT
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"There is no {RESULT} in {folder}: name a folder that `zoo train` or `zoo export` "
            "wrote."
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is damaged ({error}): train the recipe again.") from None
    try:
        _check(result)
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError):
        raise InputError(f"{path} is no result of this zoo: train the recipe again.") from None
    return result


def read_results(folder: Path) -> list[dict[str, Any]]:
    """Read every `result.json` one level below a folder, sorted by recipe name."""
    return [read_result(path.parent) for path in sorted(folder.glob(f"[!.]*/{RESULT}"))]


def is_trained(result: dict[str, Any]) -> bool:
    """Return whether a result is that of a trained recipe, not of a model that was exported."""
    return not result.keys().isdisjoint(OF_TRAINING)


def _check(result: dict[str, Any]) -> None:
    """Raise some error unless everything is there that is read of a result later."""
    recipe, artefacts = result["recipe"], result["artefacts"]
    _ = [recipe[key] for key in RECIPE_FIELDS], result["data"]["name"], result["latent_dim"] + 0
    _ = artefacts[KERAS_FILE]
    for entry in artefacts.values():
        _ = entry["sha256"], f"{entry['test_mse']:.5f} {entry['bytes']:,}"
        _ = error_over_keras(entry), largest_difference(entry)
    if is_trained(result):
        _ = [result["headline"][key] for key in HEADLINE_FIELDS], result["figures"].items()
        _ = [recipe[key] for key in TRAINED_FIELDS], Gate(**recipe["goal"])
        _ = [run["figures"] for run in result["runs"]]


def error_over_keras(artefact: dict[str, Any]) -> float:
    """Return the ratio of a file's test MSE to that of the Keras model.

    A file with one half of the model is measured together with the other half in Keras.
    """
    whole = "test_mse_over_keras" in artefact
    return artefact["test_mse_over_keras" if whole else "decoded_mse_over_keras"]
