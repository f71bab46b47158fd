"""`zoo.export`: writing a model for devices, and checking every file."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo import autoencoder, data, keras_settings, model_loading, weights
from zoo.artefact_names import CARD, KERAS_FILE, RESULT, SAVED_MODEL
from zoo.autoencoder import Autoencoder
from zoo.errors import InputError
from zoo.exporting import exportable, keras_file, saved_model, tflite
from zoo.exporting.c_array import c_array
from zoo.pipeline import export_settings
from zoo.pipeline.output_folder import check_same_run, check_space, check_target, replace_target
from zoo.pipeline.trained_folder import check_file, keep_samples, load_data, of_model
from zoo.pipeline.work_folder import NEW, SCRATCH, work_beside
from zoo.results.card import card
from zoo.results.result import read_unchanged, write_result
from zoo.write_errors import writing


@keras_settings.defaults()
def export(
    model: Autoencoder | str | os.PathLike,
    folder: str | os.PathLike | None = None,
    *,
    calibration: np.ndarray | None = None,
    variants: Sequence[str] | None = None,
    only: str | None = None,
    int8_io: bool | None = None,
    per_channel: bool | None = None,
    threshold_quantile: float | None = None,
    tolerance: float | None = None,
    c_arrays: bool = False,
    overwrite: bool = False,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> dict[str, dict[str, Any]]:
    """Write a model as `.keras`, SavedModel and TFLite, and check each file against Keras.

    Every file runs in a fresh process, as its users do. Nothing is written unless all hold. But for
    data of one's own, a variant that is not exact and does not hold is left out, and the others
    are written. With `threshold_quantile`, such a variant is then judged by how it ranks samples.

    A file that is written again keeps the settings that it was written with before: each of
    `int8_io`, `per_channel`, `threshold_quantile` and `tolerance` that is None, and its C header.

    Args:
        model: Any autoencoder: built-in, registered, or fitted in a notebook. Or a folder that
            `zoo.train` or `zoo.export` wrote: then its model is written to TFLite again, in that
            folder, where files of the same names are replaced.
        folder: Folder to write a model to; one that this function made of a like model before is
            replaced.
        calibration: Samples like the training data, `(samples, *sample_shape)`, a few hundred if
            there are so many. int8 files are calibrated on them, and every file is checked on the
            first 100, which stay in the folder as `samples.npz` for `zoo.verify`. For a model, not
            for a folder, which has its own.
        variants: Files to write, see `zoo.exporting.tflite_variants`; None writes all there are.
        only: The one signature to offer, for a sender (`encode`) or a receiver (`decode`).
        int8_io: Give int8 variants int8 inputs and outputs, as microcontrollers have them.
        per_channel: Give each unit of dense layers an int8 scale of its own: closer, but larger;
            None does as the recipe says.
        threshold_quantile: Write an anomaly threshold into each file: this quantile of its scores
            of the validation split (of `calibration`), on (0, 1); None does as the recipe did.
        tolerance: Replaces the tolerance of each variant that is not exact, such as 0.05 for 5 %.
        c_arrays: Write each file as a C header too.
        overwrite: Replace a folder as well that another model or a training made.
        data_dir: Where the data of a folder's recipe are, see `zoo.data.load`.
        download: Fetch missing data, see `zoo.data.load`.

    Returns:
        For each TFLite file (for a model: for each file) what was measured: its bytes, sha256, test
        MSE and largest differences from Keras.

    Raises:
        InputError: No such folder, a damaged file, or a wrong argument.
        GateError: A file cannot be converted or misses a gate; the folder is as it was.
    """
    export_settings.check(only, threshold_quantile)
    tflite.check_tolerance(tolerance)
    given = {
        "int8_io": int8_io,
        "per_channel": per_channel,
        "threshold_quantile": threshold_quantile,
        "tolerance": tolerance,
    }
    if not isinstance(model, Autoencoder):
        if folder is not None or calibration is not None:
            raise InputError(
                f"{os.fspath(model)} is a folder, which holds its own model and names its data: "
                "leave folder and calibration out."
            )
        return _folder_again(
            Path(model).resolve(), variants, only, c_arrays, given, data_dir, download
        )
    if folder is None or calibration is None:
        raise InputError("To export a model, name a folder and pass calibration samples.")
    exportable.check(model)
    model = autoencoder.copy(model)  # Without the optimiser of one that was compiled.
    target = Path(folder).resolve()
    check_target(target)
    with work_beside(target) as work:
        new = work / NEW
        dataset, result = of_model(model, target.name, calibration)
        if not overwrite:
            check_same_run(target, result["recipe"], result["data"])
        variants = tflite.check_variants(model, variants)
        export_settings.check_int8(variants, given)
        check_space(work, model.count_params(), 0, dataset.test.nbytes)
        keep_samples(new, dataset.test)
        with writing(target.parent):
            keras_file.write(model, new / KERAS_FILE)
            saved_model.write(model, new / SAVED_MODEL)
        beside = (KERAS_FILE, SAVED_MODEL)
        artefacts = _write(new, model, dataset, result, variants, only, c_arrays, given, beside)
        replace_target(target, work)
    return artefacts


def _folder_again(
    target: Path,
    variants: Sequence[str] | None,
    only: str | None,
    c_arrays: bool,
    given: dict[str, Any],
    data_dir: str | os.PathLike | None,
    download: bool,
) -> dict[str, dict[str, Any]]:
    """Write the files of a folder again, in that folder."""
    result = read_unchanged(target)
    check_file(target, KERAS_FILE, result["artefacts"][KERAS_FILE]["sha256"])
    model = model_loading.load(target / KERAS_FILE)
    variants = tflite.check_variants(model, variants)
    export_settings.check_int8(variants, given)
    with work_beside(target) as work:
        new = work / NEW
        dataset = load_data(
            target, result, data_dir=data_dir, download=download, scratch=work / SCRATCH
        )
        check_space(work, model.count_params(), 0, dataset.test.nbytes)
        artefacts = _write(
            new, model, dataset, result, variants, only, c_arrays, given,
            headers={path.stem for path in target.glob("*.h")},
            published=weights.is_published(target, result["recipe"]),
        )  # fmt: skip
        with writing(target):
            # The result last: until then it does not vouch for the new files.
            for path in sorted(new.iterdir(), key=lambda path: path.name == RESULT):
                path.replace(target / path.name)
    return artefacts


def _write(
    folder: Path,
    model: Autoencoder,
    dataset: data.Dataset,
    result: dict[str, Any],
    variants: Sequence[str],
    only: str | None,
    c_arrays: bool,
    given: dict[str, Any],
    beside: Sequence[str] = (),
    headers: Collection[str] = (),
    published: bool = False,
) -> dict[str, dict[str, Any]]:
    """Write TFLite files, C headers, the result and the card; return what was measured."""
    recipe = result["recipe"]
    # A model that was exported in Python has no other data than its own samples.
    own_data = "epochs" not in recipe or data.is_own(recipe["data"])
    artefacts: dict[str, dict[str, Any]] = {}
    left_out = dict(result.get("left_out", {}))
    for settings, names in export_settings.by_settings(result, variants, only, given):
        about = recipe
        if settings["per_channel"] != recipe.get("per_channel", False):
            about = {**recipe, "per_channel": settings["per_channel"]}
        written, missed = tflite.write(
            folder, model, about, dataset, names,
            artefacts=beside, only=only, own_data=own_data, **settings,
        )  # fmt: skip
        beside = ()
        for name, entry in written.items():
            if name.endswith(".tflite"):
                entry["settings"] = export_settings.of_file(name, settings)
            left_out.pop(name, None)
        artefacts |= written
        left_out |= missed
    with writing(folder):
        for name in artefacts:
            path = folder / name
            if name.endswith(".tflite") and (c_arrays or path.stem in headers):
                source = c_array(path.read_bytes(), f"{recipe['name']}_{path.stem}")
                path.with_suffix(".h").write_text(source)
        result["left_out"] = left_out
        result["artefacts"] |= artefacts
        (folder / CARD).write_text(card(result, published), encoding="utf-8")
        write_result(folder, result)
    return artefacts
