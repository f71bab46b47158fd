"""Calling the graphs of a `.tflite` file, and converting values to and from its integer types."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from ai_edge_litert.interpreter import Interpreter

Details = dict[str, Any]


class Call(NamedTuple):
    """One graph of a file, for one sample at a time.

    Attributes:
        run: Takes an array of the input's type and returns one of the output's.
        before: LiteRT's details of the input: its `shape`, `dtype` and `quantization`.
        after: The same details of the output.
    """

    run: Callable[[np.ndarray], np.ndarray]
    before: Details
    after: Details

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Run one sample in the units of the data, `(1, *shape)`, and return its output in them."""
        return _dequantize(self.run(_quantize(values, self.before)), self.after)


def signature(interpreter: Interpreter, name: str) -> Call:
    """Return the call of one signature."""
    runner = interpreter.get_signature_runner(name)
    ((label, before),) = runner.get_input_details().items()
    (after,) = runner.get_output_details().values()

    def run(values: np.ndarray) -> np.ndarray:
        (output,) = runner(**{label: values}).values()
        return output

    return Call(run, before, after)


def main_graph(interpreter: Interpreter) -> Call:
    """Return the call of the main graph of a file that another program wrote.

    Raises:
        ValueError: Its output differs in shape from its input, or one of them is of integers
            without a scale.
    """
    (before,), (after,) = interpreter.get_input_details(), interpreter.get_output_details()
    if list(before["shape"]) != list(after["shape"]):
        raise ValueError("its output does not have the shape of its input")
    for details in (before, after):
        if details["dtype"] != np.float32 and not _is_quantized(details):
            raise ValueError("its input and output must be float32 or quantised")
    interpreter.resize_tensor_input(before["index"], [1, *before["shape"][1:]])
    interpreter.allocate_tensors()

    def run(values: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(before["index"], values)
        interpreter.invoke()
        return interpreter.get_tensor(after["index"])

    return Call(run, before, after)


def _is_quantized(details: Details) -> bool:
    scale, _ = details["quantization"]
    return bool(scale)


def _quantize(values: np.ndarray, details: Details) -> np.ndarray:
    """Round values to the grid of an integer type; floats and whole numbers stay as they are."""
    if not _is_quantized(details):
        return values
    scale, zero_point = details["quantization"]
    limits = np.iinfo(details["dtype"])
    # What float32 cannot hold becomes infinite, and is clipped.
    with np.errstate(over="ignore"):
        rounded = np.round(values / scale) + zero_point
    return np.clip(rounded, limits.min, limits.max).astype(details["dtype"])


def _dequantize(values: np.ndarray, details: Details) -> np.ndarray:
    if not _is_quantized(details):
        return values
    scale, zero_point = details["quantization"]
    return ((values.astype("int32") - zero_point) * scale).astype("float32")
