"""A folder of artefacts that is there in whole or not at all, and is not overwritten unasked."""

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

from zoo import result_reading
from zoo.artefact_names import RESULT
from zoo.errors import InputError
from zoo.pipeline.work_folder import EARLIER, NEW
from zoo.recipe import LATER, Recipe
from zoo.write_errors import writing

# A model is written about so many times: as Keras, SavedModel and TFLite, and to convert it.
COPIES = 8
# Figures, pictures and whatever else does not grow with the model.
MEGABYTES_BESIDE = 5
# TensorFlow takes these for patterns, and finds no SavedModel in a folder of such a name.
PATTERNS = "[*?\\"
# Fields of a recipe that do not tell one run from another: more restarts go on with the same seeds,
# the last four change no weight, and data are told by their content.
OF_NO_RUN = ("data", "restarts", "per_channel", "gates", "goal", "reference")


def check_target(target: Path) -> None:
    """Check that a folder can be written, or replaced, before work begins.

    Raises:
        InputError: Its name is no text, it holds something else, or the system would refuse.
    """
    path = str(target.resolve())
    try:
        path.encode()
    except UnicodeEncodeError:
        raise InputError(
            f"The path {path!r} is not UTF-8, which TensorFlow needs: choose another folder."
        ) from None
    if found := [character for character in PATTERNS if character in path]:
        raise InputError(
            f"TensorFlow cannot read a SavedModel from {path!r}, because of the {found[0]} in it: "
            "choose another folder or name."
        )
    if not target.exists():
        return
    if not (target / RESULT).is_file():
        raise InputError(
            f"{target} exists and holds no {RESULT}: move it away or choose another folder."
        )
    reason = _refusal(target)
    if reason is not None:
        raise InputError(
            f"{target} cannot be replaced ({reason}): choose another folder, such as one inside of "
            "it, or another name (--name)."
        )


def check_same_run(target: Path, recipe: dict[str, Any], found: dict[str, Any]) -> None:
    """Check that what a folder holds came from the same recipe and the same data.

    A damaged result came from no run that could be told from this one. What is not recorded, as
    earlier versions record less, does not differ.

    Args:
        target: The folder.
        recipe: The recipe in plain values that would replace its result.
        found: What the new result would say of its data.

    Raises:
        InputError: Another run's result would be lost.
    """
    if not target.exists():
        return
    try:
        recorded = result_reading.read(target)
    except InputError:
        return
    before, samples = recorded["recipe"], recorded["data"]
    # As JSON spells it, with lists for tuples.
    now = json.loads(json.dumps(recipe))
    names = [name for name in (now | before) if name not in OF_NO_RUN]
    differing = [
        f"{name} {_field(before, name)!r} instead of {_field(now, name)!r}"
        for name in names
        if _field(before, name) != _field(now, name)
    ]
    if "fingerprint" not in samples:
        if before["data"] != now["data"]:
            differing.append(f"data {before['data']!r} instead of {now['data']!r}")
    elif samples["fingerprint"] != found.get("fingerprint"):
        differing.append(f"samples of other content from {samples.get('path', before['data'])}")
    if differing:
        raise InputError(
            f"{target} holds the result of another run, with {', '.join(differing)}: choose "
            "another name (--name), or replace it with --overwrite (overwrite=True)."
        )


def _field(recipe: dict[str, Any], name: str) -> Any:
    return recipe.get(name, Recipe.__dataclass_fields__[name].default if name in LATER else None)


def check_space(folder: Path, parameters: int, seeds: int, test_bytes: int) -> None:
    """Check that the files of a model fit on the disk before it is trained.

    Args:
        folder: Where they will be written.
        parameters: Number of the model's weights, of four bytes each.
        seeds: How many trained models are kept until the best is chosen.
        test_bytes: Size of the test split, whose reconstructions are written for the checks.

    Raises:
        InputError: There is too little space.
    """
    needed = (4 * parameters * (COPIES + seeds) + 4 * test_bytes >> 20) + MEGABYTES_BESIDE
    free = shutil.disk_usage(folder).free >> 20
    if free < needed:
        raise InputError(
            f"{folder.parent} has {free} MB of free space, but the files of this model need about "
            f"{needed} MB: free some, or choose a folder on another disk."
        )


def replace_target(target: Path, work: Path) -> None:
    """Let the new files take the place of a target.

    Should this end between the two steps, `work_folder.work_beside` puts the earlier files back.

    Args:
        target: The folder to make or to replace.
        work: The folder for work on it.

    Raises:
        InputError: The system refused.
    """
    with writing(target):
        if target.exists():
            target.rename(work / EARLIER)
        (work / NEW).rename(target)


def _refusal(target: Path) -> str | None:
    """Return why the system would not let a folder be moved away; None if it would."""
    if not os.access(target, os.W_OK | os.X_OK):
        return os.strerror(errno.EACCES)
    try:
        # A folder that is not empty is never removed. The reason tells whether it could be moved:
        # one that is a mount point, for example, is busy.
        target.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            return error.strerror
    return None
