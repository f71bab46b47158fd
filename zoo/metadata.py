"""What a `.tflite` file of the zoo says of itself: one JSON document in a metadata buffer.

The buffer is named `autoencoder_zoo`; its JSON holds

- `format`: 1, the version of this document;
- `sha256`: digest of the whole file with these 64 digits set to 0, so that damage is noticed;
- `recipe`: the recipe in full, with its name, model, data and arguments;
- `versions`: of Python and of the packages that made the file;
- `variant`: `fp32`, `fp16`, `dynamic`, `int8`, `fused` or `fused_int8`;
- `input`: `shape` of one sample, `scaling` in words, and `range`, the lowest and highest value a
  sample may hold (null: any);
- `latent_dim`: size of the code;
- `signatures`: for each its `input` and `output`: name, dtype, shape, and for integers `scale` and
  `zero_point` (value = scale * (integer - zero_point));
- `threshold`: null, or the `score` above which a sample counts as an anomaly and the `quantile` of
  the validation split's scores that it is;
- `figures`: measured on this very file with the whole test split: `test_mse`, beside Keras's own,
  `keras_test_mse`, and the largest difference of any output from Keras's, `max_difference`.
"""

import hashlib
import json
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from zoo.errors import InputError

NAME = "autoencoder_zoo"
FORMAT = 1
UNSIGNED = "0" * 64


def read(content: bytes) -> dict[str, Any]:
    """Read what a `.tflite` file says of itself, and check that the file is whole.

    Args:
        content: The bytes of the file.

    Raises:
        InputError: The file is damaged, not of the zoo, or of a later version of it.
    """
    try:
        metadata = json.loads(_find(content))
    # What is no flatbuffer is parsed into errors of any kind.
    except Exception:
        raise InputError("it is damaged or no model of the zoo") from None
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise InputError(f"its metadata are not of format {FORMAT}: update the zoo")
    if metadata.get("sha256") != digest(content, str(metadata.get("sha256"))):
        raise InputError("it is damaged (sha256 differs)")
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
