"""The hidden folder beside a target that only one process at a time works in.

It holds whatever a run writes before it is done: the new files, samples too many for memory, the
seeds that are trained, and for a moment the files that are replaced.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from zoo.artefact_names import RESULT
from zoo.errors import GateError, InputError
from zoo.write_errors import writing

# The files that will take the target's place, and those that had it.
NEW, EARLIER = "new", "earlier"
# Large files that no one needs once the run is over.
SCRATCH = "scratch"
LOCK = "lock"
# Only these outlive a run that was interrupted.
SEEDS = "seeds-"

Check = TypeVar("Check", bound=Callable[..., Any])


def place_of(target: Path) -> Path:
    """Return the folder that belongs to a target."""
    return target.with_name(f".{target.name}-in-progress")


@contextlib.contextmanager
def work_beside(target: Path) -> Iterator[Path]:
    """Yield the folder for work on a target, empty but for unfinished seeds.

    A process that is killed gives up its lock, so that the next one clears what it left, and puts
    back a target that was being replaced.

    Raises:
        InputError: Another process works on the target, or nothing can be written there.
    """
    folder = place_of(target)
    with writing(target.parent):
        lock = _lock(folder)
    if lock is None:
        raise InputError(
            f"Another process is writing {target}: wait until it is done, or choose another name "
            "(--name) or another folder."
        )
    try:
        with writing(target.parent):
            _clear(folder, target)
            for name in (NEW, SCRATCH):
                (folder / name).mkdir()
        yield folder
    finally:
        # A folder that cannot be cleared now is cleared by the next process.
        with contextlib.suppress(OSError):
            _clear(folder, target)
            if [path.name for path in folder.iterdir()] == [LOCK]:
                (folder / LOCK).unlink()
                folder.rmdir()
        os.close(lock)


def undisturbed(check: Check) -> Check:
    """Return a function that checks a folder, but blames no file while the folder is replaced.

    Its first argument is the folder. A failure counts only if no other process writes the folder,
    and its result is still the one that was there when the check began.
    """

    @functools.wraps(check)
    def checked(folder: str | os.PathLike, **options: Any) -> Any:
        target = Path(folder).resolve()
        before = _version(target)
        try:
            return check(folder, **options)
        except (InputError, GateError) as error:
            if not _is_worked_on(target) and _version(target) == before:
                raise
            raise InputError(
                f"Another process is writing {target}, or has just done so: check it again when "
                "that is done."
            ) from error

    return checked  # type: ignore[return-value]


def _version(target: Path) -> tuple[int, int] | None:
    try:
        found = (target / RESULT).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _is_worked_on(target: Path) -> bool:
    place = place_of(target)
    if not (place / LOCK).exists():
        return False
    try:
        lock = _lock(place)
    except OSError:
        return True
    if lock is not None:
        os.close(lock)
    return lock is None


def seeds_of(folder: Path, task: dict[str, Any]) -> Path:
    """Return where a task keeps its trained seeds, to be found again after an interruption.

    Args:
        folder: The folder for work.
        task: What is trained, in plain values.
    """
    digest = hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()
    return folder / f"{SEEDS}{digest[:12]}"


def _lock(folder: Path) -> int | None:
    """Return the descriptor that holds the folder's lock until it is closed; None if another does.

    The system frees the lock of a process that ends, whatever ends it.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            # The process before has just removed the folder.
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_nlink:
                return lock
        except BlockingIOError:
            os.close(lock)
            return None
        except OSError:
            os.close(lock)
            raise
        # The process before has just removed this file.
        os.close(lock)


def _clear(folder: Path, target: Path) -> None:
    earlier = folder / EARLIER
    if earlier.is_dir() and not target.exists():
        earlier.rename(target)
    for path in folder.iterdir():
        # A seed that was written in part has a hidden name.
        trained = path.name.startswith(SEEDS) and any(path.glob("[!.]*"))
        if path.name != LOCK and not trained:
            shutil.rmtree(path)
