"""Standard output and standard error: only the command's own words reach them."""

import codecs
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO

# The levels of TF_CPP_MIN_LOG_LEVEL count what is left out: 0 shows everything.
SHOW_ALL = "0"
# What stands for a character that a terminal's encoding lacks.
SPELLED = {"≥": ">=", "≤": "<=", "±": "+-", "…": "...", "─": "-", "━": "-", "│": "|"}

# The name of the error handler that spells them.
SPELLING = "zoo.spelled"

_own: TextIO | None = None


def own_output() -> TextIO:
    """Return the stream that the command's own output goes to."""
    return _own or sys.stdout


@contextlib.contextmanager
def own_output_only() -> Iterator[None]:
    """Let what compiled code writes to standard output go to standard error.

    A program that reads JSON would trip over it. `unexpected.Command` does it for Python's prints.
    """
    global _own
    _own, others = sys.stdout, sys.stdout
    kept = None
    # Compiled code writes to file 1, past Python; a notebook has another stream.
    if _is_file(sys.stdout, 1):
        sys.stdout.flush()
        kept = os.dup(1)
        _own = _stream(os.dup(1), sys.stdout)
        os.dup2(2, 1)
    sys.stdout = _own
    try:
        yield
    finally:
        own_output().flush()
        sys.stdout, _own = others, None
        if kept is not None:
            os.dup2(kept, 1)
            os.close(kept)


def silence_native_logs() -> None:
    """Send what compiled code writes to standard error nowhere; Python's own messages stay.

    TensorFlow's libraries log from C++, some before any setting can reach them. Set
    TF_CPP_MIN_LOG_LEVEL=0 to see them.
    """
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == SHOW_ALL:
        return
    sys.stderr = _stream(os.dup(2), sys.stderr)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def printable(text: str) -> str:
    """Return a text in which characters that steer a terminal are written out, such as `\\x1b`."""
    return "".join(
        character
        if character.isprintable() or character in "\n\t\xa0"
        else character.encode("unicode_escape").decode()
        for character in text
    )


def _spelled(error: UnicodeError) -> tuple[str, int]:
    """Return ASCII for characters that an encoding lacks, as an error handler of codecs does."""
    assert isinstance(error, UnicodeEncodeError)
    missing = error.object[error.start : error.end]
    return "".join(SPELLED.get(character, "?") for character in missing), error.end


codecs.register_error(SPELLING, _spelled)


def _is_file(stream: TextIO, number: int) -> bool:
    try:
        return stream.fileno() == number
    except (AttributeError, OSError, ValueError):
        return False


def _stream(file: int, like: TextIO) -> TextIO:
    return os.fdopen(file, "w", buffering=1, encoding=like.encoding, errors=SPELLING)
