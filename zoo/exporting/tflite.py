"""The TFLite files of a model, from conversion to signed metadata."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import zoo
from zoo import edge, evaluation
from zoo.anomaly_scoring import score
from zoo.data.dataset import Dataset
from zoo.evaluation import detection
from zoo.exporting import custom_layer_files, fresh_process, metadata_writing, tracing, verifying
from zoo.exporting.comparison_with_keras import Task, largest_difference
from zoo.exporting.lowering import has_lstm
from zoo.exporting.signatures import names_of
from zoo.exporting.tflite_variants import VARIANTS, file_name
from zoo.training.run_environment import environment

# Number of training samples that int8 variants are calibrated on.
CALIBRATION_SAMPLES = 500


def variants_of(model: zoo.Autoencoder) -> tuple[str, ...]:
    """Return the variants that a model has, which depend on whether it has an LSTM."""
    lstm = has_lstm(model)
    return tuple(name for name, variant in VARIANTS.items() if variant.suits(lstm))


def check_variants(model: zoo.Autoencoder, variants: Sequence[str] | None) -> Sequence[str]:
    """Return the variants, or all that the model has for None.

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
    return variants or possible


def make_task(model: zoo.Autoencoder, dataset: Dataset, figure: str) -> Task:
    """Return the inputs for artefacts of a model, the whole test split, and the model's outputs.

    Args:
        model: The trained model.
        dataset: Its data.
        figure: The figure that the model is known by, one of `evaluation.FIGURES`.

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
) -> dict[str, dict[str, Any]]:
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

    Returns:
        For each artefact the report of `verifying.verify`, and the `threshold` of a file that has
        one.

    Raises:
        GateError: A variant does not convert, or an artefact misses a gate.
        InputError: A layer's class is defined in a notebook.
    """
    samples = model.corrupt(dataset.train[:CALIBRATION_SAMPLES])
    options = {"int8_io": int8_io, "per_channel": per_channel}
    if missed := convert(folder, model, variants, samples, only=only, **options):
        raise zoo.GateError(recipe["name"], missed)
    about = metadata_writing.about(recipe, environment()["versions"], model, dataset)
    names = {variant: file_name(variant, only) for variant in variants}
    for variant, name in names.items():
        metadata_writing.describe(folder / name, {**about, "variant": variant})

    task = make_task(model, dataset, recipe.get("goal", {"figure": "test_mse"})["figure"])
    report, missed = verifying.verify(folder, [*artefacts, *names.values()], task)
    if missed:
        raise zoo.GateError(recipe["name"], missed)

    keras_mse = evaluation.mse(task.reconstructions, task.targets)
    for variant, name in names.items():
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
    return report


def convert(
    folder: Path,
    model: zoo.Autoencoder,
    variants: Sequence[str],
    samples: np.ndarray,
    *,
    only: str | None = None,
    int8_io: bool = False,
    per_channel: bool = False,
) -> list[str]:
    """Trace a model here and convert it in a process of its own, see `converting.convert`.

    Returns:
        A sentence for the first variant that does not convert; none if all do.
    """
    options = [
        *(["--int8-io"] if int8_io else []),
        *(["--per-channel"] if per_channel else []),
        f"--score-window={model.score_window}",
    ]
    signatures = [only] if only else names_of(model)
    with tempfile.TemporaryDirectory() as scratch:
        for name, fused in {VARIANTS[v].graph: VARIANTS[v].fused for v in variants}.items():
            tracing.write(model, Path(scratch, name), fused=fused)
        samples_file = Path(scratch, "samples.npy")
        np.save(samples_file, samples, allow_pickle=False)
        status, message = fresh_process.run(
            "zoo.exporting.converting",
            [scratch, samples_file, folder, ",".join(signatures), *variants, *options],
            label="Converting",
            steps=len(variants),
        )
    if status == 0:
        return []
    names = [file_name(variant, only) for variant in variants]
    failed = next((name for name in names if not (folder / name).exists()), names[-1])
    reason = f"signal {-status}" if status < 0 else message
    return [f"{failed} could not be converted ({reason})"]


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
