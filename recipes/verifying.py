"""Checking artefacts as their users run them: reloaded in a fresh process, compared with Keras."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from tqdm import tqdm

from recipes.recipe import ARTEFACTS, Gate
from recipes.reloading import SINGLES

TOLERANCE = 1e-5
# Outputs of `recipes.reloading` and the names of their largest differences from Keras.
DIFFERENCES = {
    "batched": "max_difference",
    "singles": "max_difference_batch_1",
    "decoded": "max_difference_decoded",
    "scores": "max_difference_score",
}


def verify(
    folder: Path, inputs: np.ndarray, targets: np.ndarray, reference: np.ndarray
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Reload every artefact in a process of its own and compare its outputs with Keras's.

    Args:
        folder: Folder that holds the artefacts.
        inputs: Test inputs, `(samples, *input_shape)`.
        targets: What a perfect model would make of them, for the task figure; same shape.
        reference: What the trained Keras model makes of them; same shape.

    Returns:
        For each artefact its bytes, sha256, largest absolute differences from Keras (of
        reconstructions in batches and one sample at a time, of decoded codes, and of scores), test
        MSE, and for TFLite its operators; and a sentence for every missed gate.
    """
    report: dict[str, dict[str, Any]] = {}
    missed = []
    for name, outputs in run_in_fresh_process(folder, inputs).items():
        report[name] = {"bytes": size(folder / name), "sha256": sha256(folder / name)}
        if "error" in outputs:
            missed.append(f"{name} does not run: {str(outputs['error']).splitlines()[0]}")
            continue
        if name.endswith(".tflite"):
            report[name]["operators"] = operators(folder / name)
        report[name] |= _compare(outputs, inputs, targets, reference)
        missed += _missed(name, report[name])
    return report, missed


def _compare(
    outputs: dict[str, np.ndarray], inputs: np.ndarray, targets: np.ndarray, reference: np.ndarray
) -> dict[str, float]:
    expected = {
        "batched": reference,
        "singles": reference[:SINGLES],
        "decoded": reference,
        "scores": np.square(reference - inputs).mean(axis=tuple(range(1, inputs.ndim))),
    }
    compared = {
        DIFFERENCES[name]: float(np.abs(values - expected[name]).max())
        if values.shape == expected[name].shape
        else np.inf
        for name, values in outputs.items()
    }
    if outputs["batched"].shape != targets.shape:
        return {**compared, "test_mse": np.inf}
    test_mse = float(np.mean(np.square(outputs["batched"] - targets, dtype="float64")))
    return {**compared, "test_mse": test_mse}


def _missed(name: str, entry: dict[str, Any]) -> list[str]:
    gates = [Gate(figure, at_most=TOLERANCE) for figure in DIFFERENCES.values() if figure in entry]
    missed = [
        f"{name}: {gate} is missed with {entry[gate.figure]:.3g}"
        for gate in gates
        if not gate.holds(entry[gate.figure])
    ]
    foreign = [op for op in entry.get("operators", []) if not op.isupper()]
    if foreign:
        missed.append(f"{name}: operators beyond the builtin ones: {', '.join(foreign)}")
    return missed


def run_in_fresh_process(folder: Path, inputs: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """Run every artefact of a folder on inputs with `recipes.reloading` in a new Python.

    Returns:
        For each artefact the outputs of `recipes.reloading.run`, or an `error`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        inputs_file, errors_file = Path(scratch, "inputs.npy"), Path(scratch, "errors.txt")
        np.save(inputs_file, inputs, allow_pickle=False)
        # Safe path: a folder of the user's own named `recipes` or `zoo` must not come first.
        command = [sys.executable, "-P", "-m", "recipes.reloading", folder, inputs_file, scratch]
        search_path = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, search_path)),
            "CUDA_VISIBLE_DEVICES": "-1",
        }
        with errors_file.open("w") as errors:
            status = _run(command, stderr=errors, env=environment)
        last = (errors_file.read_text(errors="replace").strip().splitlines() or ["no message"])[-1]
        found = {}
        for name in ARTEFACTS:
            outputs_file = Path(scratch, f"{name}.npz")
            if outputs_file.exists():
                with np.load(outputs_file, allow_pickle=False) as outputs:
                    found[name] = dict(outputs)
            else:
                found[name] = {"error": np.array(f"{last} (exit status {status})")}
        return found


def _run(command: list[Any], **options: Any) -> int:
    """Run a command that prints a line for every artefact, show its progress, return its status."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:
        assert process.stdout
        try:
            with tqdm(total=len(ARTEFACTS), desc="verify", leave=False, disable=None) as bar:
                for _ in process.stdout:
                    bar.update()
            return process.wait()
        except BaseException:
            process.kill()
            raise


def operators(path: Path) -> list[str]:
    """Return the operators of a TFLite file: builtin ones in capitals, others in small letters."""
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes()))
    found = set()
    for code in model.operatorCodes:
        # Old files keep codes below 127 in the older field only.
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        name = names[number]
        found.add(code.customCode.decode().lower() if name == "CUSTOM" else name)
    return sorted(found)


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in _files(path))


def sha256(path: Path) -> str:
    """Return the sha256 of a file, or of all files of a folder with their relative names."""
    digest = hashlib.sha256()
    for file in _files(path):
        if file != path:
            digest.update(file.relative_to(path).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    return [path]
