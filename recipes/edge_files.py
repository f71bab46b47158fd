"""TFLite files from conversion to signature: converted, described, verified, measured."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import zoo
from recipes import anomalies, describing, evaluating, exporting, recording, verifying
from recipes.dataset import Dataset
from recipes.recipe import GateError
from recipes.task import task_inputs
from recipes.variants import file_name
from zoo import edge
from zoo.scoring import score

# Training samples that int8 variants are calibrated on.
CALIBRATION_SAMPLES = 500


def make_task(model: zoo.Autoencoder, dataset: Dataset, figure: str) -> verifying.Task:
    """Return what artefacts of a model are judged on: its outputs on the whole test split.

    Args:
        model: The trained model.
        dataset: Its data.
        figure: The figure that it is known by, of `headline.FIGURES`.
    """
    inputs = task_inputs(model, dataset.test)
    reconstructions = evaluating.predict(model, inputs)
    return verifying.Task(
        inputs=inputs,
        targets=dataset.test,
        reconstructions=reconstructions,
        scores=score(reconstructions, inputs, model.score_window),
        codes=evaluating.predict(model.encoder, inputs),
        decode=lambda codes: evaluating.predict(model.decoder, codes),
        measures=evaluating.measures(figure, model, dataset),
    )


def check_variants(model: zoo.Autoencoder, variants: Sequence[str] | None) -> Sequence[str]:
    """Return the variants, or all that the model has for None.

    Raises:
        InputError: A variant that the model does not have.
    """
    possible = exporting.variants_of(model)
    for variant in variants or ():
        if variant not in possible:
            raise zoo.InputError(
                f"A {model.name} model has no variant {variant!r}: choose of {', '.join(possible)}."
            )
    return variants or possible


def write(
    folder: Path,
    keras_file: Path,
    model: zoo.Autoencoder,
    dataset: Dataset,
    recipe: dict[str, Any],
    variants: Sequence[str],
    *,
    artefacts: Sequence[str] = (),
    only: str | None = None,
    int8_io: bool = False,
    per_channel: bool = False,
    threshold_quantile: float | None = None,
) -> dict[str, dict[str, Any]]:
    """Write a model's `.tflite` files, and verify them together with other artefacts.

    Args:
        folder: Folder to write to.
        keras_file: The model's file.
        model: The model that it holds.
        dataset: Its data.
        recipe: Its recipe, in plain values.
        variants: Variants to write.
        artefacts: Other artefacts in the folder to verify.
        only: The one signature to offer, see `converting.convert`.
        int8_io: See `converting.convert`.
        per_channel: See `converting.convert`.
        threshold_quantile: Write into each file, as its anomaly threshold, this quantile of its own
            scores of the validation split; None writes, where the data hold anomalies to choose
            by, the threshold that `anomalies.choose_threshold` does.

    Returns:
        For each artefact what `verifying.verify` found, and the `threshold` of a file that has one.

    Raises:
        GateError: A variant does not convert, or an artefact misses a gate.
    """
    missed = exporting.export_tflite(
        keras_file,
        folder,
        variants,
        task_inputs(model, dataset.train[:CALIBRATION_SAMPLES]),
        only=only,
        int8_io=int8_io,
        per_channel=per_channel,
    )
    if missed:
        raise GateError(recipe["name"], missed)
    versions = recording.environment()["versions"]
    about = describing.about(recipe, versions, model, dataset)
    names = {variant: file_name(variant, only) for variant in variants}
    for variant, name in names.items():
        describing.describe(folder / name, {**about, "variant": variant})

    task = make_task(model, dataset, recipe["goal"]["figure"])
    report, missed = verifying.verify(folder, [*artefacts, *names.values()], task)
    if missed:
        raise GateError(recipe["name"], missed)

    keras_mse = evaluating.mse(task.reconstructions, task.targets)
    for variant, name in names.items():
        entry = report[name]
        figures = {
            "test_mse": entry["test_mse"],
            "keras_test_mse": keras_mse,
            "max_difference": recording.largest_difference(entry),
            **{figure: entry[figure] for figure in task.measures},
        }
        threshold = _threshold(folder / name, model, dataset, threshold_quantile)
        described = {**about, "variant": variant, "figures": figures, "threshold": threshold}
        describing.describe(folder / name, described)
        entry |= verifying.identify(folder / name)
        if threshold:
            entry["threshold"] = threshold
    return report


def _threshold(
    path: Path, model: zoo.Autoencoder, dataset: Dataset, quantile: float | None
) -> dict[str, float] | None:
    """Return the anomaly threshold of a file, by its own scores; None for one that has none."""
    file = edge.load(path)
    if "score" not in file.signatures or (quantile is None and dataset.anomalies is None):
        return None
    normal = file.score(task_inputs(model, dataset.validation))
    if quantile is not None:
        return {"score": float(np.quantile(normal, quantile)), "quantile": quantile}
    assert dataset.anomalies is not None
    threshold = anomalies.choose_threshold(normal, file.score(dataset.anomalies))
    return {"score": threshold, "quantile": float(np.mean(normal <= threshold))}
