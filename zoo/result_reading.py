"""Reading `result.json`, which says what a folder of artefacts holds."""

import json
import math
from pathlib import Path
from typing import Any

from zoo.artefact_names import RESULT
from zoo.errors import InputError
from zoo.result_schema import complaint


def read(folder: Path) -> dict[str, Any]:
    """Read the `result.json` of a folder of artefacts.

    Raises:
        InputError: There is none, or it is damaged.
    """
    path = folder / RESULT
    if not path.is_file():
        raise InputError(
            f"There is no {RESULT} in {folder}: name a folder that `zoo train` or `zoo export` "
            "wrote."
        )
    try:
        text = path.read_text(encoding="utf-8")
        result = json.loads(text, parse_constant=_finite, parse_float=_finite)
        # JSON can spell characters that no text can be written with.
        json.dumps(result, ensure_ascii=False).encode()
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is damaged ({error}): train the recipe again.") from None
    if wrong := complaint(result):
        raise InputError(f"{path} is no result of this zoo ({wrong}): train the recipe again.")
    return result


def _finite(text: str) -> float:
    """Return the number that a JSON document spells.

    Raises:
        ValueError: It is NaN, or too large for a float.
    """
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"it holds {text}, which is no finite number")
    return value
