"""One sentence in place of a traceback where files cannot be written."""

import contextlib
import os
from collections.abc import Iterator

from zoo.errors import InputError


@contextlib.contextmanager
def writing(out: str | os.PathLike) -> Iterator[None]:
    """Turn a failure to write below `out` into an InputError.

    Raises:
        InputError: The system, or TensorFlow on its behalf, refused a file.
    """
    try:
        yield
    except Exception as error:
        # TensorFlow has error classes of its own for files. Their module's name tells them without
        # an import of TensorFlow.
        if not isinstance(error, OSError) and not type(error).__module__.startswith("tensorflow."):
            raise
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise InputError(
            f"Nothing can be written to {out} ({reason}): free it or choose another folder."
        ) from error
