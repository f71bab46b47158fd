"""The TFLite files of a model, from conversion to signed metadata."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import zoo
from zoo import edge, evaluation
from zoo.anomaly_scoring import score
from zoo.argument_checks import check_between
from zoo.data.dataset import Dataset
from zoo.evaluation import detection
from zoo.exporting import custom_layer_files, metadata_writing, verifying
from zoo.exporting.comparison_with_keras import RANKING, Task, largest_difference
from zoo.exporting.conversion_process import convert
from zoo.exporting.leaving_out import leave_out
from zoo.exporting.recurrence import loops_of
from zoo.exporting.tflite_variants import VARIANTS, file_name
from zoo.training.run_environment import environment

# Number of training samples that int8 variants are calibrated on.
CALIBRATION_SAMPLES = 500


def variants_of(model: zoo.Autoencoder) -> tuple[str, ...]:
    """Return the variants that a model has, which depend on its recurrent layers."""
    loops, fusable = loops_of(model)
    return tuple(name for name, variant in VARIANTS.items() if variant.suits(loops, fusable))


def check_variants(model: zoo.Autoencoder, variants: Sequence[str] | None) -> Sequence[str]:
    """Return the variants, or for None all that the model has but `int16`.

    Raises:
        InputError: A variant that the model does not have.
    """
    possible = variants_of(model)
    for variant in variants or ():
        if variant not in possible:
            raise zoo.InputError(
                f"A {model.name} model has no variant {variant!r}: choose one of "
                f"{', '.join(possible)}."
            )
    return variants or [name for name in possible if not VARIANTS[name].int16]


def check_tolerance(tolerance: float | None) -> None:
    """Raise InputError unless a tolerance is None or a positive number."""
    if tolerance is not None:
        check_between(0, math.inf, tolerance=tolerance)


def make_task(
    model: zoo.Autoencoder,
    dataset: Dataset,
    figure: str,
    judgement: Mapping[str, Mapping[str, Any]] | None = None,
) -> Task:
    """Return the inputs for artefacts of a model, the whole test split, and the model's outputs.

    Args:
        model: The trained model.
        dataset: Its data.
        figure: The figure that the model is known by, one of `evaluation.FIGURES`.
        judgement: See `Task`; reports of `verifying.verify` hold it.

    Raises:
        InputError: A layer's class is defined in a notebook.
    """
    inputs = model.corrupt(dataset.test)
    reconstructions = evaluation.predict(model, inputs)
    return Task(
        inputs=inputs,
        targets=dataset.test,
        reconstructions=reconstructions,
        scores=score(reconstructions, inputs, model.score_window),
        codes=evaluation.predict(model.encoder, inputs),
        decode=lambda codes: evaluation.predict(model.decoder, codes),
        measures=evaluation.measures(figure, model, dataset),
        sources=custom_layer_files.files_of(model),
        judgement=judgement or {},
    )


def write(
    folder: Path,
    model: zoo.Autoencoder,
    recipe: dict[str, Any],
    dataset: Dataset,
    variants: Sequence[str],
    *,
    artefacts: Sequence[str] = (),
    only: str | None = None,
    int8_io: bool = False,
    per_channel: bool = False,
    threshold_quantile: float | None = None,
    tolerance: float | None = None,
    own_data: bool = False,
) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Write a model's `.tflite` files, and verify them together with other artefacts.

    Args:
        folder: Folder to write to.
        model: A trained model.
        recipe: Its recipe in plain values; of a model without a recipe at least its name.
        dataset: Its data.
        variants: Variants to write.
        artefacts: Other artefacts in the folder to verify.
        only: The one signature to offer, for a sender or a receiver; None offers all.
        int8_io: Give int8 variants int8 inputs and outputs, see `converting.convert`.
        per_channel: Give each unit of a dense layer an int8 scale, see `converting.convert`.
        threshold_quantile: Write into each file an anomaly threshold: this quantile of the file's
            own scores of the validation split. None writes the threshold that
            `detection.choose_threshold` chooses by the anomalies of the data, where there are any.
        tolerance: Replaces the tolerance of each variant that is not exact.
        own_data: The data are a user's own. Then a variant that is not exact and does not hold is
            left out, as long as another file is written; and a detector, which is a model with
            labelled anomalies or a threshold quantile, is judged by its ranking.

    Returns:
        For each artefact the report of `verifying.verify`, and the `threshold` of a file that has
        one; and for each file that was left out the sentences that say why.

    Raises:
        GateError: A variant does not convert, or an artefact misses a gate.
        InputError: A layer's class is defined in a notebook.
    """
    samples = model.corrupt(dataset.train[:CALIBRATION_SAMPLES])
    files = {file_name(variant, only): variant for variant in variants}
    options = {"int8_io": int8_io, "per_channel": per_channel}
    missed = convert(folder, model, variants, samples, only=only, **options)
    left_out = leave_out(folder, recipe["name"], files, missed, own_data)
    about = metadata_writing.about(recipe, environment()["versions"], model, dataset)
    for name, variant in files.items():
        metadata_writing.describe(folder / name, {**about, "variant": variant})

    judgement: dict[str, Any] = {} if tolerance is None else {"tolerance": tolerance}
    detects = dataset.anomalous is not None or threshold_quantile is not None
    if own_data and detects and only is None:
        judgement["judged_by"] = RANKING
    figure = recipe.get("goal", {"figure": "test_mse"})["figure"]
    inexact = [name for name, variant in files.items() if not VARIANTS[variant].exact]
    task = make_task(model, dataset, figure, dict.fromkeys(inexact, judgement))
    report, missed = verifying.verify(folder, [*artefacts, *files], task, folder)
    left_out |= leave_out(folder, recipe["name"], files, missed, own_data)
    for name in left_out:
        report.pop(name, None)

    keras_mse = evaluation.mse(task.reconstructions, task.targets)
    for name, variant in files.items():
        entry = report[name]
        figures = {
            "test_mse": entry["test_mse"],
            "keras_test_mse": keras_mse,
            "max_difference": largest_difference(entry),
            **{figure: entry[figure] for figure in task.measures},
        }
        threshold = _threshold(folder / name, model, dataset, threshold_quantile)
        described = {**about, "variant": variant, "figures": figures, "threshold": threshold}
        metadata_writing.describe(folder / name, described)
        entry |= verifying.identify(folder / name)
        if threshold:
            entry["threshold"] = threshold
    return report, left_out


def _threshold(
    path: Path, model: zoo.Autoencoder, dataset: Dataset, quantile: float | None
) -> dict[str, float] | None:
    """Return the anomaly threshold of a file, by its own scores; None for one that has none."""
    file = edge.load(path)
    if "score" not in file.signatures or (quantile is None and dataset.anomalies is None):
        return None
    normal = file.score(model.corrupt(dataset.validation))
    if quantile is not None:
        return {"score": float(np.quantile(normal, quantile)), "quantile": quantile}
    assert dataset.anomalies is not None
    threshold = detection.choose_threshold(normal, file.score(dataset.anomalies))
    return {"score": threshold, "quantile": float(np.mean(normal <= threshold))}
