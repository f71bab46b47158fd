"""Checking artefacts as their users run them: reloaded in a fresh process, compared with Keras."""

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from recipes import fresh_process
from recipes.recipe import KERAS_FILE, SAVED_MODEL, Gate
from recipes.reloading import SINGLES
from recipes.variants import variant_of

# Largest difference of one output from Keras's that passes for an exact artefact.
TOLERANCE = 1e-5
# Outputs of `recipes.reloading` and the names of their largest differences from Keras.
DIFFERENCES = {
    "reconstructions": "max_difference",
    "singles": "max_difference_batch_1",
    "codes": "max_difference_code",
    "decoded": "max_difference_decoded",
    "generated": "max_difference_generated",
    "scores": "max_difference_score",
}
# The same for ratios of mean errors to Keras's, by which an artefact that is not exact is judged.
RATIOS = {
    "reconstructions": "test_mse_over_keras",
    "decoded": "decoded_mse_over_keras",
    "generated": "generated_mse_over_keras",
    "scores": "score_over_keras",
}


@dataclass(frozen=True)
class Task:
    """What artefacts are judged on.

    Attributes:
        inputs: Test inputs, `(samples, *input_shape)`.
        targets: What a perfect model would make of them; same shape.
        reconstructions: What the trained Keras model makes of them; same shape.
        scores: Its anomaly scores of them, `(samples,)`.
        codes: The Keras model's codes, `(samples, latent_dim)`.
        decode: The Keras model's decoder, for artefacts without one.
        measures: What computes figures from reconstructions, by name: for artefacts to bear
            beside their test MSE.
    """

    inputs: np.ndarray
    targets: np.ndarray
    reconstructions: np.ndarray
    scores: np.ndarray
    codes: np.ndarray
    decode: Callable[[np.ndarray], np.ndarray]
    measures: Mapping[str, Callable[[np.ndarray], float]] = field(default_factory=dict)


def verify(
    folder: Path, names: Sequence[str], task: Task
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Reload artefacts in a process of their own and compare their outputs with Keras's.

    Args:
        folder: Folder that holds the artefacts.
        names: Their names.
        task: What they are judged on.

    Returns:
        For each artefact its bytes, sha256, test MSE and the figures that the task measures; its
        largest differences from Keras, in units of the largest of Keras's values where that is
        above 1, of reconstructions (in batches and one by one), codes, decoded codes and scores;
        for TFLite files its operators; ratios of mean errors and figures to Keras's. And a sentence
        for every missed gate.
    """
    report: dict[str, dict[str, Any]] = {}
    missed = []
    found = run_in_fresh_process(folder, names, task)
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
        report[name] |= compare(outputs, task)
        missed += missed_gates(name, report[name])
    return report, missed


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
    """Return a sentence for every output of a wrong shape, or for none that can be judged."""
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
    """Return the differences and ratios of an artefact's outputs, and its test MSE."""
    # A sender has codes and nothing to decode them with.
    if outputs.keys().isdisjoint({"reconstructions", "decoded"}):
        outputs = {**outputs, "decoded": task.decode(outputs["codes"])}
    expected = _expected(task)
    entry = {}
    for name, values in outputs.items():
        wanted = expected[name][: len(values)]
        unit = max(1.0, float(np.abs(wanted).max()))
        entry[DIFFERENCES[name]] = float(np.abs(values - wanted).max()) / unit
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


def _mse(values: np.ndarray, targets: np.ndarray) -> float:
    return float(np.mean(np.square(values - targets, dtype="float64")))


def missed_gates(name: str, entry: dict[str, Any]) -> list[str]:
    """Return a sentence for every gate on the artefact that its figures miss."""
    tolerance = variant_of(name).tolerance if name.endswith(".tflite") else None
    if tolerance is None:
        gates = [Gate(figure, at_most=TOLERANCE) for figure in DIFFERENCES.values()]
    else:
        gates = [
            Gate(figure, at_least=1 - tolerance, at_most=1 + tolerance)
            for figure in entry
            if figure.endswith("_over_keras")
        ]
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
    folder: Path, names: Sequence[str], task: Task
) -> dict[str, dict[str, np.ndarray]]:
    """Run artefacts of a folder on a task with `recipes.reloading` in a new Python.

    Returns:
        For each artefact the outputs of `recipes.reloading.run`, or an `error`.
    """
    last = [SAVED_MODEL, KERAS_FILE]
    ordered = sorted(names, key=lambda name: last.index(name) if name in last else -1)
    with tempfile.TemporaryDirectory() as scratch:
        inputs_file = Path(scratch, "inputs.npz")
        np.savez(inputs_file, allow_pickle=False, samples=task.inputs, codes=task.codes)
        status, message = fresh_process.run(
            "recipes.reloading",
            [folder, inputs_file, scratch, *ordered],
            label="verify",
            steps=len(names),
        )
        found = {}
        for name in names:
            outputs_file = Path(scratch, f"{name}.npz")
            if outputs_file.exists():
                with np.load(outputs_file, allow_pickle=False) as outputs:
                    found[name] = dict(outputs)
            else:
                found[name] = {"error": np.array(f"{message} (exit status {status})")}
        return found


def operators(path: Path) -> list[str]:
    """Return the operators of a TFLite file: builtin ones in capitals, others in small letters."""
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes()))
    found = set()
    for graph in model.subgraphs:
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            # Old files keep codes below 127 in the older field only.
            name = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
            found.add(code.customCode.decode().lower() if name == "CUSTOM" else name)
    return sorted(found)


def identify(path: Path) -> dict[str, Any]:
    """Return the bytes and the sha256 of a file, or of all files of a folder with their names."""
    digest, size = hashlib.sha256(), 0
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    for file in files:
        if file != path:
            digest.update(file.relative_to(path).as_posix().encode())
        content = file.read_bytes()
        digest.update(content)
        size += len(content)
    return {"bytes": size, "sha256": digest.hexdigest()}
