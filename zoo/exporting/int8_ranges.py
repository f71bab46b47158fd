"""Ranges of int8 activations: where to clip values so that the others are rounded more finely.

The converter's own range holds every value that was seen. One outlier then makes the grid coarse
for all values, and where a sigmoid or a GELU is flat the grid resolves values that make no
difference to its output.
"""

from collections.abc import Iterator

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from ai_edge_litert.tools import flatbuffer_utils

# Operators that only move values: the integers on both sides share one range.
_KEEPING = ("RESHAPE", "PAD", "DEPTH_TO_SPACE", "STRIDED_SLICE", "GATHER", "TRANSPOSE")
_ELEMENTWISE = ("GELU", "LOGISTIC", "TANH", "ELU")
# Number of values of one tensor that are read for each sample.
_VALUES = 200
# Shares of the range on either side of 0 that are tried.
_SHARES = np.geomspace(1, 0.05, 25)


def narrow(content: bytes, samples: np.ndarray) -> bytes:
    """Return a calibrated file with the ranges of the least mean squared error.

    The error is that of rounding and clipping together. Where the next operator is an activation
    function, it is the error of that operator's outputs. Inputs and outputs of the graph keep their
    ranges.

    Args:
        content: A float `.tflite` file whose tensors hold the ranges seen in calibration.
        samples: Training samples, `(samples, *sample_shape)`.

    Reference:
        Banner et al., Post-training 4-bit quantization of convolution networks for
        rapid-deployment, NeurIPS 2019, arXiv:1810.05723.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    (graph,) = model.subgraphs
    groups = [
        (group, following)
        for group, following in _groups(model, graph)
        if not {*graph.inputs, *graph.outputs} & {*group}
    ]
    seen = _values(content, samples, sorted({i for group, f in groups for i in (group[-1], f)}))
    for group, following in groups:
        whole = graph.tensors[group[-1]].quantization
        ends = min(whole.min[0], 0.0), max(whole.max[0], 0.0)
        ends = best_range(seen[group[-1]], seen[following], ends)
        for i in group:
            ranges = graph.tensors[i].quantization
            ranges.min, ranges.max = np.asarray(ends, "float32").reshape(2, 1)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _groups(model: schema.ModelT, graph: schema.SubGraphT) -> Iterator[tuple[list[int], int]]:
    """Yield the tensors that share a range, and the tensor in which their error counts.

    It is the output of the activation function that reads the last of them, or that last one itself
    where no activation function reads it.
    """
    codes = [operator.builtinCode for operator in model.operatorCodes]
    names = {number: name for name, number in vars(schema.BuiltinOperator).items()}
    readers: dict[int, list[schema.OperatorT]] = {}
    for operator in graph.operators:
        for i in operator.inputs:
            readers.setdefault(i, []).append(operator)
    kept = set()
    for operator in graph.operators:
        for output in operator.outputs:
            if output in kept or not _has_range(graph.tensors[output]):
                continue
            group, following = [output], output
            while len(readers.get(group[-1], [])) == 1:
                (reader,) = readers[group[-1]]
                name = names[codes[reader.opcodeIndex]]
                if name in _ELEMENTWISE:
                    (following,) = reader.outputs
                if name not in _KEEPING:
                    break
                group.append(reader.outputs[0])
                following = group[-1]
                kept.add(group[-1])
            yield group, following


def _has_range(tensor: schema.TensorT) -> bool:
    ranges = tensor.quantization
    return ranges is not None and ranges.min is not None and len(ranges.min) == 1


def _values(content: bytes, samples: np.ndarray, places: list[int]) -> dict[int, np.ndarray]:
    """Return some values of each tensor, at the same places in tensors of one size."""
    interpreter = Interpreter(
        model_content=content,
        # A delegate would not show the tensors inside it.
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    (x,) = interpreter.get_input_details()
    found: dict[int, list[np.ndarray]] = {i: [] for i in places}
    for number, sample in enumerate(samples):
        interpreter.set_tensor(x["index"], sample[None])
        interpreter.invoke()
        for i in places:
            values = interpreter.get_tensor(i).ravel()
            draw = np.random.default_rng(number).integers(0, len(values), _VALUES)
            found[i].append(values[draw])
    return {i: np.concatenate(values) for i, values in found.items()}


def best_range(
    values: np.ndarray, following: np.ndarray, whole: tuple[float, float]
) -> tuple[float, float]:
    """Return the range of the least error; each end moves towards 0 or stays.

    Args:
        values: The values that are rounded, `(n,)`.
        following: The next operator's output for each, `(n,)`.
        whole: A range that holds 0 and all values.
    """
    order = np.argsort(values)
    values, following = values[order], following[order]
    low, high = best = whole

    def error(ends: tuple[float, float]) -> float:
        step = (ends[1] - ends[0]) / 255
        if step == 0:
            return np.inf
        rounded = np.clip(np.round(values / step) * step, *ends)
        return float(np.square(np.interp(rounded, values, following) - following).mean())

    # One end after the other, since the best place of one depends little on the other.
    for _ in range(2):
        best = min(((low * share, best[1]) for share in _SHARES), key=error)
        best = min(((best[0], high * share) for share in _SHARES), key=error)
    return best
