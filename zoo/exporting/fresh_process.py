"""Running a program of this package in a new Python."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from zoo.errors import InputError
from zoo.progress import progress

# The folder that holds the package `zoo`.
SEARCH_PATH = Path(__file__).parents[2]
# Set in the environment of every process that `run` starts.
MARK = "ZOO_FRESH_PROCESS"
# The pipe to its standard input is closed when this process ends, however it ends.
STARTER = """
import os, runpy, sys, threading
def end_with_the_parent():
    os.read(0, 1)
    os._exit(1)
threading.Thread(target=end_with_the_parent, daemon=True).start()
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def run(module: str, arguments: Sequence[object], *, label: str, steps: int) -> tuple[int, str]:
    """Run a module that prints a line for every step, and show its progress.

    Args:
        module: Name of the module, such as `zoo.exporting.reloading`.
        arguments: Its command line.
        label: What the progress is of.
        steps: Number of lines that it prints when all goes well.

    Returns:
        Its exit status, negative for a signal, and the last line it wrote to standard error.

    Raises:
        InputError: The call comes from a process that `run` started itself.
    """
    refuse_nested()
    # Absolute, since a path may start with the dash of an option.
    plain = [part.absolute() if isinstance(part, Path) else part for part in arguments]
    # Safe path: a folder of the user's own named `zoo` must not come first.
    command = [sys.executable, "-P", "-c", STARTER, module, *map(str, plain)]
    search_path = [str(SEARCH_PATH), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, search_path)),
        "CUDA_VISIBLE_DEVICES": "-1",
        MARK: "1",
    }
    with (
        tempfile.TemporaryFile("w+", errors="replace") as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        ) as process,
    ):
        assert process.stdout
        try:
            for _ in progress(process.stdout, steps, label):
                pass
            status = process.wait()
        except BaseException:
            process.kill()
            raise
        errors.seek(0)
        lines = errors.read().strip().splitlines()
    return status, lines[-1] if lines else "no message"


def refuse_nested() -> None:
    """Raise InputError in a process that `run` started, where a user's file starts another one.

    Such a file would train and export without end: it is run again in each fresh process.
    """
    if MARK in os.environ:
        raise InputError(
            "The file starts training or exporting whenever it is imported: put these lines under "
            "`if __name__ == '__main__':`, since its layers are imported in a fresh process."
        )
