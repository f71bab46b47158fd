"""Verifying artefacts: reloaded in a fresh process as their users do, and compared with Keras."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.artefact_names import KERAS_FILE, SAVED_MODEL
from zoo.exporting import fresh_process
from zoo.exporting.comparison_with_keras import (
    DIFFERENCES,
    RANK_CORRELATION,
    RANKING,
    RATIOS,
    Task,
    compare,
    misshapen,
    rank_correlation,
)
from zoo.exporting.file_summary import identify, operators
from zoo.exporting.tflite_variants import variant_of
from zoo.quality_gate import Gate

# Largest difference of one output from Keras's that passes for an exact artefact.
TOLERANCE = 1e-5


def verify(
    folder: Path, names: Sequence[str], task: Task, scratch: Path | None = None
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Reload artefacts in a process of their own and compare their outputs with Keras's.

    Args:
        folder: Folder that holds the artefacts.
        names: Their names.
        task: The inputs to run them on and the outputs to compare with.
        scratch: Folder for the inputs and outputs; None takes the system's for temporary files.

    Returns:
        For each artefact its bytes, its sha256, its test MSE and the figures that the task
        measures; its largest differences from Keras, in units of the largest of Keras's values
        where that is above 1, of reconstructions (in batches and one by one), codes, decoded codes
        and scores; the ratios of its mean errors and figures to Keras's; and for TFLite files the
        operators. And a sentence for every gate that was missed.
    """
    report: dict[str, dict[str, Any]] = {}
    missed = []
    found = run_in_fresh_process(folder, names, task, scratch)
    for name in names:
        outputs = found[name]
        report[name] = identify(folder / name)
        if "error" in outputs:
            missed.append(f"{name} does not run: {str(outputs['error']).splitlines()[0]}")
            continue
        if wrong := misshapen(outputs, task):
            missed += [f"{name} gives {sentence}" for sentence in wrong]
            continue
        if name.endswith(".tflite"):
            report[name]["operators"] = operators(folder / name)
        report[name] |= compare(outputs, task) | dict(task.judgement.get(name, {}))
        if report[name].get("judged_by") == RANKING:
            count = len(outputs["scores"])
            correlation = rank_correlation(outputs["scores"], task.scores[:count])
            report[name][RANK_CORRELATION] = correlation
        missed += missed_gates(name, report[name])
    return report, missed


def missed_gates(name: str, entry: dict[str, Any]) -> list[str]:
    """Return a sentence for every gate on an artefact that it misses.

    Args:
        name: Name of the artefact, which tells its variant.
        entry: Its report, see `verify`.
    """
    tolerance = variant_of(name).tolerance if name.endswith(".tflite") else None
    if tolerance is None:
        gates = [Gate(figure, at_most=TOLERANCE) for figure in DIFFERENCES.values()]
    else:
        tolerance = entry.get("tolerance", tolerance)
        ranked = entry.get("judged_by") == RANKING
        gates = [
            Gate(figure, at_least=1 - tolerance, at_most=1 + tolerance)
            for figure in entry
            if figure.endswith("_over_keras") and not (ranked and figure in RATIOS.values())
        ]
        if ranked:
            gates.append(Gate(RANK_CORRELATION, at_least=1 - tolerance))
    missed = [
        f"{name}: {gate} is missed with {entry[gate.figure]:.3g}"
        for gate in gates
        if gate.figure in entry and not gate.holds(entry[gate.figure])
    ]
    foreign = [op for op in entry.get("operators", []) if not op.isupper()]
    if foreign:
        missed.append(f"{name}: operators beyond the builtin ones: {', '.join(foreign)}")
    return missed


def run_in_fresh_process(
    folder: Path, names: Sequence[str], task: Task, scratch: Path | None = None
) -> dict[str, dict[str, np.ndarray]]:
    """Run artefacts of a folder on a task with `zoo.exporting.reloading` in a new Python.

    Returns:
        For each artefact the outputs of `reloading.run`, or an `error`.
    """
    last = [SAVED_MODEL, KERAS_FILE]
    ordered = sorted(names, key=lambda name: last.index(name) if name in last else -1)
    imports = [argument for source in task.sources for argument in ("--import", source)]
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".verifying-") as lent:
        outputs_folder = Path(lent)
        inputs_file = outputs_folder / "inputs.npz"
        np.savez(inputs_file, allow_pickle=False, samples=task.inputs, codes=task.codes)
        status, message = fresh_process.run(
            "zoo.exporting.reloading",
            [folder, inputs_file, outputs_folder, *ordered, *imports],
            label="Verifying",
            steps=len(names),
        )
        found = {}
        for name in names:
            outputs_file = outputs_folder / f"{name}.npz"
            if outputs_file.exists():
                with np.load(outputs_file, allow_pickle=False) as outputs:
                    found[name] = dict(outputs)
            else:
                found[name] = {"error": np.array(f"{message} (exit status {status})")}
        return found
