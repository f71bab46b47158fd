"""Running a program of the recipes in a new Python."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm


def run(module: str, arguments: Sequence[object], *, label: str, steps: int) -> tuple[int, str]:
    """Run a module that prints a line for every step, and show its progress.

    Args:
        module: Name of the module, such as `recipes.reloading`.
        arguments: Its command line.
        label: Label of the progress bar.
        steps: Lines that it prints when all goes well.

    Returns:
        Its exit status, negative for a signal, and the last line it wrote to standard error.
    """
    # Safe path: a folder of the user's own named `recipes` or `zoo` must not come first.
    command = [sys.executable, "-P", "-m", module, *map(str, arguments)]
    search_path = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, search_path)),
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    with (
        tempfile.TemporaryFile("w+", errors="replace") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        assert process.stdout
        try:
            with tqdm(total=steps, desc=label, leave=False, disable=None) as bar:
                for _ in process.stdout:
                    bar.update()
            status = process.wait()
        except BaseException:
            process.kill()
            raise
        errors.seek(0)
        lines = errors.read().strip().splitlines()
    return status, lines[-1] if lines else "no message"
