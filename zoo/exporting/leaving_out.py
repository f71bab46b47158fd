"""Leaving out files that do not hold, where the others are written."""

import logging
from pathlib import Path

import zoo
from zoo.exporting.tflite_variants import VARIANTS

logger = logging.getLogger(__name__)


def leave_out(
    folder: Path, recipe: str, files: dict[str, str], missed: list[str], own_data: bool
) -> dict[str, list[str]]:
    """Delete the files that missed something, where the others do; take them out of `files`.

    Args:
        folder: Folder that holds the files.
        recipe: Name of the recipe.
        files: The variant of each file; it is changed.
        missed: Sentences that each start with a file's name.
        own_data: Whether files may be left out at all.

    Returns:
        For each file that is left out its sentences.

    Raises:
        GateError: A file may not be left out, or no file would be left.
    """
    found = {name: [s for s in missed if s.startswith((f"{name}:", f"{name} "))] for name in files}
    left_out = {name: sentences for name, sentences in found.items() if sentences}
    others = len(missed) > sum(map(len, left_out.values()))
    exact = any(VARIANTS[files[name]].exact for name in left_out)
    if missed and (not own_data or others or exact or len(left_out) == len(files)):
        raise zoo.GateError(recipe, missed)
    for name, sentences in left_out.items():
        (folder / name).unlink(missing_ok=True)
        del files[name]
        logger.warning(
            "%s is left out (%s): use another variant, or allow more with a higher tolerance "
            "(--tolerance)", name, "; ".join(sentences),
        )  # fmt: skip
    return left_out
