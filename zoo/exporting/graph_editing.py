"""Changing the graphs of a `.tflite` model: adding tensors and operators, dropping unused ones.

References: the file format is the flatbuffer schema of TensorFlow,
`tensorflow/compiler/mlir/lite/schema/schema.fbs`.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from zoo.exporting.flatbuffer_packing import unique


def add_tensor(graph: schema.SubGraphT, shape: Sequence[int]) -> int:
    """Add a float32 tensor without data to a graph and return its index."""
    tensor = schema.TensorT()
    tensor.shape = np.asarray(shape, "int32")
    tensor.type, tensor.buffer = schema.TensorType.FLOAT32, 0
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def add_constant(model: schema.ModelT, graph: schema.SubGraphT, values: Sequence[int]) -> int:
    """Add a vector of int32 constants to a graph and return its index."""
    i = add_tensor(graph, [len(values)])
    graph.tensors[i].type = schema.TensorType.INT32
    graph.tensors[i].buffer = len(model.buffers)
    data = schema.BufferT()
    data.data = np.asarray(values, "int32").view("uint8")
    model.buffers.append(data)
    return i


def operator(
    model: schema.ModelT, name: str, inputs: list[int], outputs: list[int]
) -> schema.OperatorT:
    """Return a new operator between tensors; a model lists each kind of operator once.

    Args:
        model: The model that the operator is for.
        name: A builtin operator, such as `MEAN`.
        inputs: Indices of the tensors that it reads.
        outputs: Indices of the tensors that it writes.
    """
    made = schema.OperatorT()
    made.inputs, made.outputs = inputs, outputs
    number = getattr(schema.BuiltinOperator, name)
    for i, code in enumerate(model.operatorCodes):
        if code.builtinCode == number:
            made.opcodeIndex = i
            return made
    code = schema.OperatorCodeT()
    code.builtinCode, code.version = number, 1
    code.deprecatedBuiltinCode = min(number, 127)
    made.opcodeIndex = len(model.operatorCodes)
    model.operatorCodes.append(code)
    return made


def between(graph: schema.SubGraphT, start: int, end: int) -> list[schema.OperatorT]:
    """Return the operators that compute one tensor from another, in their order.

    Raises:
        ValueError: The last tensor depends on the input of the graph past the first one.
    """
    needed, operators = {end}, []
    for candidate in reversed(graph.operators):
        if not needed.isdisjoint(candidate.outputs):
            operators.insert(0, candidate)
            needed |= {i for i in candidate.inputs if i != start}
    if start not in graph.inputs and not needed.isdisjoint(graph.inputs):
        raise ValueError("The reconstruction depends on more than the code.")
    return operators


def share_tensors(tensors: list[schema.TensorT], parts: list[schema.SubGraphT]) -> dict[int, int]:
    """Give all parts one list of the tensors that any of them uses.

    Returns:
        The new index of each tensor by its old one.
    """
    operators = unique(op for part in parts for op in part.operators)
    used = dict.fromkeys(
        i for op in operators for i in (*op.inputs, *op.outputs, *_intermediates(op)) if i >= 0
    )
    place = {-1: -1, **{old: new for new, old in enumerate(used)}}

    def renumbered(indices: Iterable[int]) -> np.ndarray:
        return np.array([place[i] for i in indices], "int32")

    for op in operators:
        op.inputs, op.outputs = map(renumbered, (op.inputs, op.outputs))
        if op.intermediates is not None:
            op.intermediates = renumbered(op.intermediates)
    for part in parts:
        part.tensors = [tensors[i] for i in used]
        part.inputs, part.outputs = map(renumbered, (part.inputs, part.outputs))
    return place


def _intermediates(op: schema.OperatorT) -> Sequence[int]:
    return op.intermediates if op.intermediates is not None else []


def tidy(part: schema.SubGraphT) -> None:
    """Drop what no runtime reads: names of tensors, and the ranges seen in calibration."""
    for tensor in part.tensors:
        tensor.name = None
        if tensor.quantization is not None:
            tensor.quantization.min = tensor.quantization.max = None
            if tensor.quantization.scale is None:
                tensor.quantization = None


def drop_unused(model: schema.ModelT) -> None:
    """Drop the arrays and the kinds of operators that no graph uses any more.

    Small runtimes demand a kernel for every kind of operator that a file lists.
    """
    operators = unique(op for part in model.subgraphs for op in part.operators)
    used = sorted({op.opcodeIndex for op in operators})
    model.operatorCodes = [model.operatorCodes[i] for i in used]
    for op in operators:
        op.opcodeIndex = used.index(op.opcodeIndex)
    tensors = unique(tensor for part in model.subgraphs for tensor in part.tensors)
    holders = [*tensors, *(model.metadata or [])]
    # The first array is empty by convention, for tensors without data.
    used = sorted({0, *(holder.buffer for holder in holders)})
    model.buffers = [model.buffers[i] for i in used]
    for holder in holders:
        holder.buffer = used.index(holder.buffer)
