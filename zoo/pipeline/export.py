"""`zoo.export`: writing a model for devices, and checking every file."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo import autoencoder, data, model_loading
from zoo.artefact_names import CARD, KERAS_FILE, RESULT, SAVED_MODEL
from zoo.autoencoder import Autoencoder
from zoo.errors import InputError
from zoo.evaluation import multiply_adds
from zoo.exporting import keras_file, saved_model, tflite
from zoo.exporting.c_array import c_array
from zoo.exporting.tflite_variants import PARTS, VARIANTS
from zoo.pipeline.output_folder import replacing, scratch_beside
from zoo.pipeline.trained_folder import KEPT_SAMPLES, check_file, keep_samples, load_data
from zoo.results.card import card
from zoo.results.result import read_result, write_result
from zoo.training.run_environment import environment
from zoo.write_errors import writing


def export(
    model: Autoencoder | str | os.PathLike,
    folder: str | os.PathLike | None = None,
    *,
    calibration: np.ndarray | None = None,
    variants: Sequence[str] | None = None,
    only: str | None = None,
    int8_io: bool = False,
    per_channel: bool | None = None,
    threshold_quantile: float | None = None,
    c_arrays: bool = False,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> dict[str, dict[str, Any]]:
    """Write a model as `.keras`, SavedModel and TFLite, and check each file against Keras.

    Every file runs in a fresh process, as its users run it. Nothing is written unless all hold.

    Args:
        model: Any autoencoder: built-in, registered, or fitted in a notebook. Or a folder that
            `zoo.train` or `zoo.export` wrote: then its model is written to TFLite again, in that
            folder, where files of the same names are replaced.
        folder: Folder to write a model to; an earlier one is replaced.
        calibration: Samples like the training data, `(samples, *sample_shape)`, a few hundred if
            there are so many: int8 files are calibrated on them, every file is checked on the first
            100 of them, and these stay in the folder as `samples.npz`, so that `zoo.verify` can
            check it again. For a model, not for a folder, which has its own.
        variants: Files to write, see `zoo.exporting.tflite_variants`; None writes all that the
            model has.
        only: The one signature to offer, for a sender (`encode`) or a receiver (`decode`).
        int8_io: Give int8 variants int8 inputs and outputs, as microcontrollers have them.
        per_channel: Give each unit of dense layers an int8 scale of its own: closer, but larger;
            None does as the recipe says.
        threshold_quantile: Write an anomaly threshold into each file: this quantile of its scores
            of the validation split (of `calibration`), on (0, 1); None does as the recipe did.
        c_arrays: Write each file as a C header too.
        data_dir: Where the data of a folder's recipe are, see `zoo.data.load`.
        download: Fetch missing data, see `zoo.data.load`.

    Returns:
        For each TFLite file (for a model: for each file) what was measured: its bytes, sha256, test
        MSE and largest differences from Keras.

    Raises:
        InputError: No such folder, a damaged file, or a wrong argument.
        GateError: A file cannot be converted or misses a gate; the folder is as it was.
    """
    _check(only, threshold_quantile)
    options: dict[str, Any] = {"only": only, "threshold_quantile": threshold_quantile}
    if isinstance(model, Autoencoder):
        if folder is None or calibration is None:
            raise InputError("To export a model, name a folder and pass calibration samples.")
        # Without the optimiser of one that was compiled.
        model = autoencoder.copy(model)
        with replacing(Path(folder).resolve()) as scratch:
            dataset, result = _of_model(model, Path(folder).resolve().name, calibration)
            variants = tflite.check_variants(model, variants)
            _check_int8(variants, int8_io, per_channel)
            keep_samples(scratch, dataset.test)
            keras_file.write(model, scratch / KERAS_FILE)
            saved_model.write(model, scratch / SAVED_MODEL)
            return _write(
                scratch, model, dataset, result, variants, c_arrays,
                artefacts=(KERAS_FILE, SAVED_MODEL),
                int8_io=int8_io, per_channel=bool(per_channel), **options,
            )  # fmt: skip
    if folder is not None or calibration is not None:
        raise InputError(
            f"{os.fspath(model)} is a folder, which holds its own model and names its data: leave "
            "folder and calibration out."
        )
    target = Path(model).resolve()
    result = read_result(target)
    check_file(target, KERAS_FILE, result["artefacts"][KERAS_FILE]["sha256"])
    trained = model_loading.load(target / KERAS_FILE)
    variants = tflite.check_variants(trained, variants)
    _check_int8(variants, int8_io, per_channel)
    if per_channel is None:
        per_channel = result["recipe"].get("per_channel", False)
    else:
        result["recipe"] = {**result["recipe"], "per_channel": per_channel}
    with scratch_beside(target) as scratch, tempfile.TemporaryDirectory() as large:
        dataset = load_data(target, result, data_dir=data_dir, download=download, scratch=large)
        artefacts = _write(
            scratch, trained, dataset, result, variants, c_arrays,
            int8_io=int8_io, per_channel=per_channel, **options,
        )  # fmt: skip
        with writing(target):
            # A header of an earlier file must not pass for this one's.
            for name in artefacts:
                (target / name).with_suffix(".h").unlink(missing_ok=True)
            # The result last: until then it does not vouch for the new files.
            for path in sorted(scratch.iterdir(), key=lambda path: path.name == RESULT):
                path.replace(target / path.name)
    return artefacts


def _of_model(
    model: Autoencoder, name: str, calibration: np.ndarray
) -> tuple[data.Dataset, dict[str, Any]]:
    """Return the calibration samples as a data set, and the result of an export so far."""
    dataset = data.from_arrays(
        calibration, calibration, np.asarray(calibration)[:KEPT_SAMPLES], name="calibration"
    )
    data.check_shape(dataset, model.sample_shape)
    window = {"score_window": model.score_window} if model.score_window > 1 else {}
    recipe = {"name": name, "model": model.name, "data": dataset.name, "arguments": window}
    return dataset, {
        "recipe": recipe,
        **environment(),
        "data": dataset.describe(),
        "parameters": model.count_params(),
        "multiply_adds": multiply_adds(model),
        "latent_dim": model.latent_dim,
        "code_shape": list(model.code_shape),
        "artefacts": {},
    }


def _write(
    folder: Path,
    model: Autoencoder,
    dataset: data.Dataset,
    result: dict[str, Any],
    variants: Sequence[str],
    c_arrays: bool,
    **options: Any,
) -> dict[str, dict[str, Any]]:
    """Write TFLite files, C headers, the result and the card; return what was measured."""
    artefacts = tflite.write(folder, model, result["recipe"], dataset, variants, **options)
    files = [folder / name for name in artefacts if name.endswith(".tflite")]
    with writing(folder):
        for path in files if c_arrays else ():
            source = c_array(path.read_bytes(), f"{result['recipe']['name']}_{path.stem}")
            path.with_suffix(".h").write_text(source)
        result["artefacts"] |= artefacts
        write_result(folder, result)
        (folder / CARD).write_text(card(result), encoding="utf-8")
    return artefacts


def _check(only: str | None, threshold_quantile: float | None) -> None:
    if only not in (None, *PARTS):
        raise InputError(f"only must be one of {', '.join(PARTS)}, but got {only!r}.")
    if threshold_quantile is None:
        return
    if not 0 < threshold_quantile < 1:
        raise InputError(
            f"threshold_quantile must lie between 0 and 1, but got {threshold_quantile}."
        )
    if only in ("encode", "decode"):
        raise InputError(f"A file that offers only {only} has no scores to set a threshold on.")


def _check_int8(variants: Sequence[str], int8_io: bool, per_channel: bool | None) -> None:
    if (int8_io or per_channel) and not any(VARIANTS[variant].int8 for variant in variants):
        raise InputError(
            f"Only int8 variants have int8_io and per_channel, but got {', '.join(variants)}."
        )
