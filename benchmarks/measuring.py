"""The sides of `benchmarks.edge`: they are built, checked to agree, and timed in turns."""

import logging
import random
import re
import statistics
import sys
import tempfile
import timeit
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch

import zoo
from benchmarks import litert, twins
from zoo.training.run_environment import environment as zoo_environment

TOLERANCE = 1e-5
# Seconds that a side is timed for in a round: enough for many calls, and for many rounds.
TURN = 0.002
ONNX, EAGER, COMPILED, REFERENCE = "onnx", "torch", "compiled", "reference"

Call = Callable[[], Any]

logging.getLogger("torch.onnx").setLevel(logging.ERROR)
torch.set_num_threads(1)
# Compile in this process, so that no other process runs during the timing.
torch._inductor.config.compile_threads = 1


def measure(
    files: list[Path], reference: Path | None, rounds: int, compiled: bool
) -> list[dict[str, Any]]:
    """Time the files of one network and its twins.

    Returns:
        A row of `report.COLUMNS` for each file.

    Raises:
        AssertionError: A twin does not compute what the Keras model does.
    """
    sides: dict[Any, Call] = {}
    off_by = {}
    with torch.inference_mode(), tempfile.TemporaryDirectory() as scratch:
        x = expected = None
        keras_file = files[0].with_name("model.keras")
        if keras_file.is_file():
            model = zoo.load(keras_file)
            x = np.random.default_rng(0).random((1, *model.input_shape[1:]), "float32")
            expected = np.asarray(model(x, training=False))
            sides |= twin_calls(model, x, expected, Path(scratch, "model.onnx"), compiled)
        for file in files:
            sides[file], to_float = litert.load(file, x)
            if expected is not None:
                off_by[file] = float(np.abs(to_float(sides[file]()) - expected).max())
        if reference:
            sides[REFERENCE], _ = litert.load(reference, None)
        times = time_in_turns(sides, rounds)

    def ratio(file: Path, other: Any) -> float | None:
        if file == other or other not in times:
            return None
        return statistics.median(a / b for a, b in zip(times[file], times[other], strict=True))

    # LiteRT is compared with PyTorch eager or compiled, whichever is faster.
    torch_side = min(times.keys() & {EAGER, COMPILED}, key=lambda s: median(times[s]), default=None)
    rows = []
    for file in files:
        fp32 = file.with_stem(re.sub("_(fp16|dynamic|int8)$", "", file.stem))
        rows.append(
            {
                "recipe": file.absolute().parent.name,
                "file": file.name,
                "bytes": file.stat().st_size,
                "arena": litert.peak_arena(file),
                "off_by": off_by.get(file),
                "litert_us": median(times[file]),
                **{f"{side}_us": median(times.get(side)) for side in (ONNX, EAGER, COMPILED)},
                "of_onnx": ratio(file, ONNX),
                "of_torch": ratio(file, torch_side),
                "of_fp32": ratio(file, fp32),
                "bytes_of_fp32": file.stat().st_size / fp32.stat().st_size
                if fp32 in files and fp32 != file
                else None,
                "reference_us": median(times.get(REFERENCE)),
                "of_reference": ratio(file, REFERENCE),
            }
        )
    return rows


def twin_calls(
    model: zoo.Autoencoder, x: np.ndarray, expected: np.ndarray, onnx_file: Path, compiled: bool
) -> dict[str, Call]:
    """Return calls of a model's twins on `x`, each checked to return `expected`."""
    twin, x_torch = twins.torch_twin(model), twins.to_torch(model, x)
    calls: dict[str, Call] = {EAGER: lambda: twin(x_torch)}

    session = twins.onnx_session(twin, x_torch, onnx_file)
    output = np.empty(twin(x_torch).shape, "float32")
    binding = session.io_binding()
    for bind, end, array in (
        (binding.bind_input, session.get_inputs()[0], x_torch.numpy()),
        (binding.bind_output, session.get_outputs()[0], output),
    ):
        bind(end.name, "cpu", 0, "float32", array.shape, array.ctypes.data)

    def run_onnx() -> np.ndarray:
        session.run_with_iobinding(binding)
        return output

    calls[ONNX] = run_onnx
    if compiled:
        # Models compiled earlier would count against the limit of the compiler's cache.
        torch.compiler.reset()
        compiled_twin = torch.compile(twin)
        try:
            compiled_twin(x_torch)
            calls[COMPILED] = lambda: compiled_twin(x_torch)
        except torch._dynamo.exc.TorchDynamoException as error:
            print(f"torch.compile: {str(error).splitlines()[0]}", file=sys.stderr)

    for side, call in calls.items():
        difference = np.abs(twins.from_torch(model, np.asarray(call())) - expected).max()
        if not difference <= TOLERANCE:
            raise AssertionError(f"{side} is off Keras's {model.name} by {difference:.2g}.")
    return calls


def time_in_turns(sides: dict[Any, Call], rounds: int) -> dict[Any, list[float]]:
    """Return each side's microseconds per call, one figure for each round."""
    timers = {side: timeit.Timer(call) for side, call in sides.items()}
    calls = {side: 1 + int(TURN / (timer.timeit(50) / 50)) for side, timer in timers.items()}
    times: dict[Any, list[float]] = {side: [] for side in sides}
    order = random.Random(0)
    for _ in range(rounds):
        for side in order.sample(list(sides), len(sides)):
            # Warm the CPU's caches, which the side before has filled.
            timers[side].timeit(1 + calls[side] // 10)
            times[side].append(timers[side].timeit(calls[side]) / calls[side] * 1e6)
    return times


def median(values: list[float] | None) -> float | None:
    return statistics.median(values) if values else None


def environment() -> dict[str, Any]:
    """Return the versions and the hardware that times came from."""
    found = zoo_environment()
    peers = {name: metadata.version(name) for name in ("torch", "onnxruntime")}
    return {**found, "versions": {**found["versions"], **peers}}
