"""One sentence in place of a traceback where files cannot be written."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from zoo.errors import InputError

# Of TensorFlow's error classes those that its file system raises, but not only that.
OF_FILES = (
    "FailedPreconditionError",
    "NotFoundError",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "UnavailableError",
    "UnknownError",
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def writing(out: str | os.PathLike) -> Iterator[None]:
    """Turn a failure to write below `out` into an InputError.

    Raises:
        InputError: The system, or TensorFlow on its behalf, refused a file.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, OSError) and not _is_of_a_file(error):
            raise
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        full = any(os.strerror(number) in reason for number in FULL)
        way_out = "free space there" if full else "make it writable"
        if Path(tempfile.gettempdir()) in [Path(out), *Path(out).parents]:
            way_out += ", or set TMPDIR to a folder on another disk"
        raise InputError(
            f"Nothing can be written to {out} ({reason}): {way_out}, or choose another folder."
        ) from error


def _is_of_a_file(error: Exception) -> bool:
    """Return whether TensorFlow was refused a file.

    The name of a class tells it without an import of TensorFlow. The same classes also stand for
    other things, such as a lack of memory, so that the message must name a cause of the system.
    """
    if not type(error).__module__.startswith("tensorflow."):
        return False
    causes = (*FULL, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EROFS, errno.ENOTDIR, errno.EIO)
    words = [os.strerror(number) for number in (*causes, errno.ENAMETOOLONG, errno.EISDIR)]
    return type(error).__name__ in OF_FILES and any(word in str(error) for word in words)
