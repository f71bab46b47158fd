"""Reading and writing `result.json`, which says what a folder of artefacts holds."""

import hashlib
import json
from pathlib import Path
from typing import Any

from zoo import result_reading
from zoo.artefact_names import CARD, RESULT
from zoo.errors import InputError
from zoo.evaluation.figure_table import FIGURES
from zoo.result_schema import is_number, is_trained

__all__ = [
    "check_card",
    "check_digest",
    "error_over_keras",
    "is_trained",
    "read_result",
    "read_results",
    "read_unchanged",
    "write_result",
]


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Write `result.json`, with the digest of all that it says and that of the card beside it."""
    card = folder / CARD
    if card.exists():
        result = {**result, "card_sha256": _sha256(card)}
    text = json.dumps({**result, "digest": _digest(result)}, indent=2, allow_nan=False)
    (folder / RESULT).write_text(f"{text}\n", encoding="utf-8")


def check_digest(folder: Path, result: dict[str, Any]) -> None:
    """Raise InputError if a result was changed since it was written; earlier ones have no digest.

    A digest reveals a change, but proves no origin: who changes a result can write a new digest.
    """
    if "digest" in result and result["digest"] != _digest(result):
        raise InputError(
            f"{folder / RESULT} was changed after it was written (its digest differs): restore it "
            "or train the recipe again."
        )


def check_card(folder: Path, result: dict[str, Any]) -> None:
    """Raise InputError if the card beside a result is not the one that was written with it."""
    card = folder / CARD
    if "card_sha256" in result and (not card.is_file() or _sha256(card) != result["card_sha256"]):
        raise InputError(
            f"{card} is not the card that was written (its digest differs): restore it or train "
            "the recipe again."
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(result: dict[str, Any]) -> str:
    # As it is read again: with lists for tuples.
    said = {name: value for name, value in result.items() if name != "digest"}
    canonical = json.dumps(json.loads(json.dumps(said)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def read_result(folder: Path) -> dict[str, Any]:
    """Read the `result.json` of a folder of artefacts.

    Raises:
        InputError: There is none, it is damaged, or a later version wrote it.
    """
    result = result_reading.read(folder)
    if not is_trained(result):
        return result
    figure = result["recipe"]["goal"]["figure"]
    if figure not in FIGURES:
        raise InputError(
            f"{folder / RESULT} is known by the figure {figure!r}, which this version does not "
            "have: update the zoo."
        )
    for name, entry in result["artefacts"].items():
        if not is_number(entry.get(figure, 0)):
            raise InputError(
                f"{folder / RESULT} is no result of this zoo ({figure} of {name} is no number): "
                "train the recipe again."
            )
    return result


def read_unchanged(folder: Path) -> dict[str, Any]:
    """Read the `result.json` of a folder, and check it by its digest, see `check_digest`."""
    result = read_result(folder)
    check_digest(folder, result)
    return result


def read_results(folder: Path) -> list[dict[str, Any]]:
    """Read every `result.json` one level below a folder, sorted by recipe name.

    Raises:
        InputError: One is damaged.
    """
    return [read_result(path.parent) for path in sorted(folder.glob(f"[!.]*/{RESULT}"))]


def error_over_keras(artefact: dict[str, Any]) -> float:
    """Return the ratio of a file's test MSE to that of the Keras model.

    A file with one half of the model is measured together with the other half in Keras.
    """
    whole = "test_mse_over_keras" in artefact
    return artefact["test_mse_over_keras" if whole else "decoded_mse_over_keras"]
