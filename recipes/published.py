"""What can be done with a folder that `pipeline.run` wrote: verify it, and export it again."""

import contextlib
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import zoo
from recipes import data, edge_files, evaluating, recording, verifying
from recipes.c_array import c_array
from recipes.dataset import Dataset
from recipes.model_card import CARD_FILE, model_card
from recipes.output_folder import scratch_beside, writing
from recipes.recipe import KERAS_FILE, RESULT, GateError
from recipes.variants import PARTS, VARIANTS

# By how much a figure may differ on another machine: fits of a linear probe end a little elsewhere.
SHARE = 1e-3


def verify(
    folder: str | os.PathLike,
    *,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> dict[str, dict[str, Any]]:
    """Check a folder of artefacts again, without training.

    Each artefact must have the recorded sha256, run in a fresh process, agree with the Keras model,
    and reach the recorded test MSE, and the figure that the recipe is known by where its own
    reconstructions give it. The Keras model must reach every recorded figure.

    Args:
        folder: Folder that `pipeline.run` wrote.
        data_dir: Where the data are, see `data.load`.
        download: Fetch missing data, see `data.load`.

    Returns:
        For each artefact what `verifying.verify` measured.

    Raises:
        InputError: No such folder, or a damaged file.
        GateError: An artefact is not what was recorded.
    """
    folder = Path(folder)
    result = recording.read_result(folder)
    recorded = result["artefacts"]
    for name in recorded:
        _check_recorded(folder, name, recorded[name]["sha256"])
    model = zoo.load(folder / KERAS_FILE)
    with _loaded(result["recipe"], data_dir, download) as dataset:
        task = edge_files.make_task(model, dataset, result["recipe"]["goal"]["figure"])
        artefacts, missed = verifying.verify(folder, list(recorded), task)
        figures = evaluating.evaluate(model, dataset, result["figures"])
    missed += [
        f"{name} is {value:.6g}, but {result['figures'][name]:.6g} was recorded"
        for name, value in figures.items()
        if not math.isclose(value, result["figures"][name], rel_tol=SHARE, abs_tol=5e-6)
    ]
    missed += [
        f"{name}: {figure} is {entry[figure]:.5f}, but {recorded[name][figure]:.5f} was recorded"
        for name, entry in artefacts.items()
        for figure in ("test_mse", *task.measures)
        # The last digits of an fp32 sum differ between machines.
        if figure in entry
        and not math.isclose(entry[figure], recorded[name][figure], rel_tol=1e-4, abs_tol=5e-6)
    ]
    if missed:
        raise GateError(result["recipe"]["name"], missed)
    return artefacts


def export(
    folder: str | os.PathLike,
    *,
    variants: Sequence[str] | None = None,
    only: str | None = None,
    int8_io: bool = False,
    per_channel: bool | None = None,
    threshold_quantile: float | None = None,
    c_arrays: bool = False,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> dict[str, dict[str, Any]]:
    """Export the trained model of a folder to TFLite again, and verify and record what comes out.

    Args:
        folder: Folder that `pipeline.run` wrote; files of the same names are replaced.
        variants: Files to write, of `variants.VARIANTS`; None writes all that the model has.
        only: The one signature to offer, for a sender (`encode`) or a receiver (`decode`).
        int8_io: Give int8 variants int8 inputs and outputs, as microcontrollers have them.
        per_channel: Give each unit of dense layers an int8 scale of its own: closer, but larger;
            None does as the recipe says.
        threshold_quantile: Write an anomaly threshold into each file: this quantile of its scores
            of the validation split, on (0, 1); None does as training the recipe did.
        c_arrays: Write each file as a C header too.
        data_dir: Where the data are, see `data.load`.
        download: Fetch missing data, see `data.load`.

    Returns:
        For each file what `verifying.verify` measured.

    Raises:
        InputError: No such folder, a damaged file, or a wrong argument.
        GateError: A file cannot be converted or misses a gate; the folder is as it was.
    """
    folder = Path(folder).resolve()
    result = recording.read_result(folder)
    _check_recorded(folder, KERAS_FILE, result["artefacts"][KERAS_FILE]["sha256"])
    model = zoo.load(folder / KERAS_FILE)
    variants = edge_files.check_variants(model, variants)
    _check_arguments(only, threshold_quantile)
    if (int8_io or per_channel) and not any(VARIANTS[variant].int8 for variant in variants):
        raise zoo.InputError(
            f"Only int8 variants have int8_io and per_channel, but got {', '.join(variants)}."
        )
    recipe = result["recipe"]
    if per_channel is not None:
        recipe = {**recipe, "per_channel": per_channel}
    with _loaded(recipe, data_dir, download) as dataset, scratch_beside(folder) as scratch:
        artefacts = edge_files.write(
            scratch,
            folder / KERAS_FILE,
            model,
            dataset,
            recipe,
            variants,
            only=only,
            int8_io=int8_io,
            per_channel=recipe["per_channel"],
            threshold_quantile=threshold_quantile,
        )
        if c_arrays:
            for name in artefacts:
                array = f"{recipe['name']}_{Path(name).stem}"
                source = c_array((scratch / name).read_bytes(), array)
                (scratch / name).with_suffix(".h").write_text(source)
        result["artefacts"] |= artefacts
        recording.write_result(scratch, result)
        (scratch / CARD_FILE).write_text(model_card(result), encoding="utf-8")
        with writing(folder):
            # A header of an earlier file must not pass for this one's.
            for name in artefacts:
                (folder / name).with_suffix(".h").unlink(missing_ok=True)
            # The result last: until then it does not vouch for the new files.
            for path in sorted(scratch.iterdir(), key=lambda path: path.name == RESULT):
                path.replace(folder / path.name)
    return artefacts


def _check_arguments(only: str | None, threshold_quantile: float | None) -> None:
    if only not in (None, *PARTS):
        raise zoo.InputError(f"only must be one of {', '.join(PARTS)}, but got {only!r}.")
    if threshold_quantile is None:
        return
    if not 0 < threshold_quantile < 1:
        raise zoo.InputError(
            f"threshold_quantile must lie between 0 and 1, but got {threshold_quantile}."
        )
    if only in ("encode", "decode"):
        raise zoo.InputError(f"A file that offers only {only} has no scores to set a threshold on.")


def _check_recorded(folder: Path, name: str, sha256: str) -> None:
    if not (folder / name).exists():
        raise zoo.InputError(f"{name} is missing from {folder}: export it or train again.")
    if verifying.identify(folder / name)["sha256"] != sha256:
        raise zoo.InputError(
            f"{folder / name} is not the file that was recorded (sha256 differs): restore it or "
            "train the recipe again."
        )


@contextlib.contextmanager
def _loaded(
    recipe: dict[str, Any], data_dir: str | os.PathLike | None, download: bool
) -> Iterator[Dataset]:
    """Yield a recipe's data; what of them is too large for memory lies in a file until the end."""
    with tempfile.TemporaryDirectory() as scratch:
        yield data.load_for(recipe, data_dir=data_dir, download=download, scratch=scratch)
