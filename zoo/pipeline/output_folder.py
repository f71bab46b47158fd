"""A folder of artefacts that is there in whole or not at all."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo.artefact_names import RESULT
from zoo.errors import InputError
from zoo.write_errors import writing


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a new folder beside the target that replaces it on success and vanishes otherwise.

    Raises:
        InputError: The target is no folder of artefacts, or nothing can be written there.
    """
    if target.exists() and not (target / RESULT).is_file():
        raise InputError(
            f"{target} exists and holds no {RESULT}: move it away or choose another folder."
        )
    with scratch_beside(target) as folder:
        yield folder
        with writing(target.parent):
            _rename(folder, target)


@contextlib.contextmanager
def scratch_beside(target: Path) -> Iterator[Path]:
    """Yield a new hidden folder on the target's file system, and remove it in the end.

    Raises:
        InputError: Nothing can be written there.
    """
    folder = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        with writing(target.parent):
            folder.mkdir(parents=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def unfinished_beside(target: Path, task: dict[str, Any]) -> Iterator[Path]:
    """Yield a hidden folder that outlives an interruption, and is found again for the same task.

    It is removed in the end, or when what was put in is refused.

    Args:
        target: Folder to put it beside.
        task: What is done there, in plain values.
    """
    digest = hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()
    folder = target.with_name(f".{target.name}-{digest[:12]}")
    try:
        yield folder
    except InputError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _rename(folder: Path, target: Path) -> None:
    if not target.exists():
        folder.rename(target)
        return
    earlier = folder.with_name(f"{folder.name}-earlier")
    target.rename(earlier)
    try:
        folder.rename(target)
    except BaseException:
        earlier.rename(target)
        raise
    shutil.rmtree(earlier, ignore_errors=True)
