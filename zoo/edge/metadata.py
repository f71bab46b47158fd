"""The metadata of a `.tflite` file of the zoo: one JSON document in a metadata buffer.

The buffer is named `autoencoder_zoo`; its JSON holds

- `format`: 2, the version of this document;
- `sha256`: digest of the whole file with these 64 digits set to 0, to detect damage;
- `recipe`: the recipe in full, with its name, model, data and arguments;
- `versions`: version of Python and of each package that made the file;
- `variant`: `fp32`, `fp16`, `dynamic`, `int8`, `fused` or `fused_int8`;
- `input`: `shape` of one sample, `scaling` in words, and `range`, the lowest and highest value a
  sample may hold (null: any);
- `latent_dim`: number of values in one sample's code;
- `values`: the inputs and outputs `x`, `code`, `reconstruction` and `score`: for each its `dtype`
  and `shape` and, if it is quantised, `scale` and `zero_point`
  (scale * (integer - zero_point) is the value);
- `signatures`: for each the input that it takes and the output that it gives;
- `threshold`: null, or the `score` above which a sample counts as an anomaly and the `quantile`,
  the share of the validation split's scores that are at most so high;
- `figures`: measured on this very file: `test_mse` on the whole test split (a file that only
  encodes or decodes is joined with Keras's other half); Keras's own, `keras_test_mse`; the largest
  difference of any output from Keras's, `max_difference`, in units of Keras's largest value where
  that is above 1; and the figure of its recipe's goal, where the file's reconstructions give it.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from zoo.errors import InputError

NAME = "autoencoder_zoo"
FORMAT = 2
UNSIGNED = "0" * 64


def _is_input(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("scaling"), str)
        and isinstance(value.get("shape"), list)
        and all(isinstance(size, int) and size > 0 for size in value["shape"])
        and (value.get("range") is None or _is_range(value["range"]))
    )


def _is_range(value: Any) -> bool:
    return _are_numbers(value, 2) and value[0] < value[1]


def _is_recipe(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("arguments", {}), dict):
        return False
    window = value.get("arguments", {}).get("score_window", 1)
    return isinstance(window, int) and window > 0


def _is_threshold(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, dict) and _are_numbers([value.get("score"), value.get("quantile")], 2)


def _are_signatures(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(ends, list) and len(ends) == 2 and all(isinstance(end, str) for end in ends)
        for ends in value.values()
    )


def _are_values(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("dtype"), str)
        and isinstance(entry.get("shape"), list)
        and all(isinstance(size, int) and size > 0 for size in entry["shape"])
        for entry in value.values()
    )


def _are_numbers(values: Any, count: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(value, int | float) and math.isfinite(value) for value in values)
    )


# Each entry must hold what is read from it.
FIELDS: dict[str, Callable[[Any], bool]] = {
    "recipe": _is_recipe,
    "versions": lambda value: isinstance(value, dict),
    "variant": lambda value: isinstance(value, str),
    "input": _is_input,
    "latent_dim": lambda value: isinstance(value, int) and value > 0,
    "values": _are_values,
    "signatures": _are_signatures,
    "threshold": _is_threshold,
    "figures": lambda value: isinstance(value, dict),
}


def read(content: bytes) -> dict[str, Any]:
    """Read the metadata of a `.tflite` file, and check that the file is unchanged.

    Args:
        content: The bytes of the file.

    Raises:
        InputError: The file is damaged, the zoo did not write it, or a later version of it did.
    """
    try:
        metadata = json.loads(_find(content))
    # The parser raises errors of any kind for bytes that are no flatbuffer.
    except Exception:
        raise InputError("it is damaged or the zoo did not write it") from None
    recorded = metadata.get("sha256") if isinstance(metadata, dict) else None
    # Another text, such as an empty one, may be found in the file any number of times.
    if (
        not isinstance(recorded, str)
        or not re.fullmatch("[0-9a-f]{64}", recorded)
        or recorded != digest(content, recorded)
    ):
        raise InputError("it is damaged (sha256 differs)")
    if (found := metadata.get("format")) != FORMAT:
        raise InputError(
            f"its metadata have format {found!r}, not {FORMAT}: export it again or update the zoo"
        )
    if wrong := [key for key, holds in FIELDS.items() if not holds(metadata.get(key))]:
        raise InputError(f"its metadata have no valid {', '.join(wrong)}: export it again")
    return metadata


def digest(content: bytes, recorded: str) -> str:
    """Return the sha256 of a file in which its own recorded digest counts as zeros."""
    return hashlib.sha256(content.replace(recorded.encode(), UNSIGNED.encode())).hexdigest()


def _find(content: bytes) -> bytes:
    if not schema.Model.ModelBufferHasIdentifier(content, 0):
        raise ValueError
    model = schema.Model.GetRootAs(content)
    for i in range(model.MetadataLength()):
        entry = model.Metadata(i)
        if entry.Name() == NAME.encode():
            return model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
    raise ValueError
