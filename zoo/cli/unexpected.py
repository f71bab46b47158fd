"""What a command does not expect: strangers' output, and errors, whose traceback goes to a file."""

import contextlib
import shlex
import sys
import tempfile
import traceback
from typing import Any

from typer.core import TyperCommand

# The exit status of an error within the program, EX_SOFTWARE of sysexits.h.
FAULT = 70


class EndOfFileError(Exception):
    """An EOFError, which Typer would take for a user's wish to abort."""


class Command(TyperCommand):
    """A command whose EOFErrors are errors, and whose output is nobody else's."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            # Frameworks, and Python files of the user, print into standard output.
            with contextlib.redirect_stdout(sys.stderr):
                return super().invoke(ctx)
        except EOFError as error:
            raise EndOfFileError(str(error)) from error


def report(error: BaseException) -> str:
    """Write the traceback of an error to a new file, and return a sentence that names both."""
    reason = str(error).strip().partition("\n")[0]
    what = f"zoo failed with an error that it does not expect ({type(error).__name__}: {reason})"
    lines = [f"{shlex.join(sys.argv)}\n", *traceback.format_exception(error)]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="zoo-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.writelines(lines)
    except OSError:
        return f"{what}: run `zoo --debug ...` to see its traceback, and report it."
    return f"{what}: its traceback is in {file.name}, to be reported with the command."
