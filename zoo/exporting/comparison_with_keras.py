"""Comparing an artefact's outputs with Keras's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from zoo.exporting.reloading import SINGLES

# For each output of `reloading.run` the name of its largest difference from Keras's.
DIFFERENCES = {
    "reconstructions": "max_difference",
    "singles": "max_difference_batch_1",
    "codes": "max_difference_code",
    "decoded": "max_difference_decoded",
    "generated": "max_difference_generated",
    "scores": "max_difference_score",
}
# The name of the ratio of its mean error to Keras's, which judges an artefact that is not exact.
RATIOS = {
    "reconstructions": "test_mse_over_keras",
    "decoded": "decoded_mse_over_keras",
    "generated": "generated_mse_over_keras",
    "scores": "score_over_keras",
}
# What a detector is judged by: whether the file puts samples in the same order of scores as Keras
# and reaches the same area under the ROC curve where anomalies are labelled. A detector's threshold
# is a quantile of the file's own scores. So it is the order that tells which samples it reports.
RANKING = "ranking"
RANK_CORRELATION = "score_rank_correlation"


@dataclass(frozen=True)
class Task:
    """Inputs that artefacts are run on, and the outputs of the Keras model to compare with.

    Attributes:
        inputs: Test inputs, `(samples, *sample_shape)`.
        targets: The samples that a perfect model would give back; same shape.
        reconstructions: The trained Keras model's reconstructions of the inputs; same shape.
        scores: Its anomaly scores of them, `(samples,)`.
        codes: Its codes of them, `(samples, *code_shape)`; floats or whole numbers.
        decode: Its decoder, for artefacts that have none.
        measures: Functions that compute a figure from reconstructions, by the figure's name; each
            artefact's figures are reported beside its test MSE.
        sources: Python files with classes of the model's layers, see `custom_layer_files`.
        judgement: For the name of an artefact that is not exact the `tolerance` that replaces its
            variant's, and `judged_by` where it is judged by `RANKING` and not by its errors.
    """

    inputs: np.ndarray
    targets: np.ndarray
    reconstructions: np.ndarray
    scores: np.ndarray
    codes: np.ndarray
    decode: Callable[[np.ndarray], np.ndarray]
    measures: Mapping[str, Callable[[np.ndarray], float]] = field(default_factory=dict)
    sources: Sequence[Path] = ()
    judgement: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def _expected(task: Task) -> dict[str, np.ndarray]:
    return {
        "reconstructions": task.reconstructions,
        "singles": task.reconstructions[:SINGLES],
        "codes": task.codes,
        "decoded": task.reconstructions,
        "generated": task.reconstructions,
        "scores": task.scores,
    }


def misshapen(outputs: dict[str, np.ndarray], task: Task) -> list[str]:
    """Return a sentence for every output of a wrong shape, and one if no output can be judged."""
    expected = _expected(task)
    wrong = [
        f"{name} of shape {values.shape[1:]} instead of {expected[name].shape[1:]}"
        for name, values in outputs.items()
        if values.shape[1:] != expected[name].shape[1:]
    ]
    if outputs.keys().isdisjoint({"reconstructions", "codes", "decoded"}):
        wrong.append("neither reconstructions nor codes")
    return wrong


def compare(outputs: dict[str, np.ndarray], task: Task) -> dict[str, float]:
    """Return the differences and ratios of an artefact's outputs, its test MSE and its figures."""
    # An artefact that only encodes cannot decode its codes.
    if outputs.keys().isdisjoint({"reconstructions", "decoded"}):
        outputs = {**outputs, "decoded": task.decode(outputs["codes"])}
    expected = _expected(task)
    entry = {
        DIFFERENCES[name]: _difference(values, expected[name][: len(values)])
        for name, values in outputs.items()
    }
    errors = {}
    for name in RATIOS:
        if name not in outputs:
            continue
        values, wanted = outputs[name], expected[name][: len(outputs[name])]
        if name == "scores":
            errors[name], keras = float(values.mean()), float(wanted.mean())
        else:
            targets = task.targets[: len(values)]
            errors[name], keras = _mse(values, targets), _mse(wanted, targets)
        perfect = 1.0 if errors[name] == 0 else np.inf
        entry[RATIOS[name]] = errors[name] / keras if keras else perfect
    for name in ("reconstructions", "decoded"):
        if name in errors:
            entry["test_mse"] = errors[name]
            for figure, measure in task.measures.items():
                entry[figure] = measure(outputs[name])
                entry[f"{figure}_over_keras"] = entry[figure] / measure(task.reconstructions)
            break
    return entry


def rank_correlation(scores: np.ndarray, wanted: np.ndarray) -> float:
    """Return Spearman's rank correlation of scores with Keras's; 0 where there is no order.

    It is 1 where both put the samples in the same order.
    """
    if np.ptp(scores) == 0 or np.ptp(wanted) == 0:
        return 0.0
    return float(spearmanr(scores, wanted).statistic)


def judgement_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the report on an artefact says of how it was judged, see `Task.judgement`."""
    return {name: entry[name] for name in ("tolerance", "judged_by") if name in entry}


def _difference(values: np.ndarray, wanted: np.ndarray) -> float:
    """Return the largest difference, in units of the largest value wanted where that is above 1."""
    if wanted.dtype.kind in "iu":
        # Whole numbers must be equal, however large they are.
        return float(np.abs(values.astype("float64") - wanted).max())
    unit = max(1.0, float(np.abs(wanted).max()))
    return float(np.abs(values - wanted).max()) / unit


def largest_difference(entry: Mapping[str, Any]) -> float:
    """Return the largest of an artefact's differences from Keras."""
    return max(value for name, value in entry.items() if name.startswith("max_difference"))


def _mse(values: np.ndarray, targets: np.ndarray) -> float:
    return float(np.mean(np.square(values - targets, dtype="float64")))
