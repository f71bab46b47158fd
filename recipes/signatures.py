"""Cutting one converted graph into the signatures of a `.tflite` file.

The graph maps `x` to a reconstruction and, on the way, to a code. Cut at the code it gives
`encode` and `decode`; with an error behind it, `score`. As all of them point to the same buffers
and loops, weights are stored once, and decode(encode(x)) is reconstruct(x) to the bit.
"""

import copy
import pickle
from collections.abc import Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

INTEGERS = (schema.TensorType.INT8, schema.TensorType.UINT8, schema.TensorType.INT16)


def cut(content: bytes, names: Sequence[str], *, int8_io: bool = False) -> bytes:
    """Return the file with the signatures named, the first of them as its main graph.

    Args:
        content: A `.tflite` file with one signature, `x` -> `code`, `reconstruction`.
        names: Some of `reconstruct`, `encode`, `decode`, `score` and `generate`, which decodes.
        int8_io: Keep the inputs and outputs of a quantised file integers, but for scores, which are
            float32 always; otherwise they become float32.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    graph, *loops = model.subgraphs
    (signature,) = model.signatureDefs
    places = {item.name.decode(): item.tensorIndex for item in signature.outputs}
    _repair_reversals(model, graph)
    x, code, whole = graph.inputs[0], places["code"], places["reconstruction"]
    cuts = {
        "reconstruct": (x, whole, "reconstruction"),
        "encode": (x, code, "code"),
        "decode": (code, whole, "reconstruction"),
        "score": (x, whole, "score"),
        "generate": (code, whole, "reconstruction"),
    }
    parts: dict[tuple[int, int, str], schema.SubGraphT] = {}
    model.signatureDefs = []
    for name in names:
        if cuts[name] not in parts:
            part = parts[cuts[name]] = _slice(graph, *cuts[name][:2])
            part.name = name
            if not int8_io:
                _quantize_input(model, part)
            if name == "score":
                _append_score(model, part)
            elif not int8_io:
                part.outputs = [_dequantized(model, part, part.outputs[0])]
        # decode and generate share a graph.
        index, part = list(parts).index(cuts[name]), parts[cuts[name]]
        model.signatureDefs.append(_signature(name, index, part, cuts[name][2]))
    model.subgraphs = [*parts.values(), *loops]
    for part in model.subgraphs:
        for operator in part.operators:
            if isinstance(operator.builtinOptions, schema.WhileOptionsT):
                operator.builtinOptions.condSubgraphIndex += len(parts) - 1
                operator.builtinOptions.bodySubgraphIndex += len(parts) - 1
        _tidy(part)
    _drop_unused(model)
    return pack(model)


def _repair_reversals(model: schema.ModelT, graph: schema.SubGraphT) -> None:
    """Give reversed integers the scale of the integers they are copied from.

    The converter gives them that of the values seen in calibration, which is another one behind a
    sigmoid; REVERSE_V2 copies, and so does RESHAPE.
    """
    repaired = set()
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex].builtinCode
        before, after = operator.inputs[0], operator.outputs[0]
        reverses = code == schema.BuiltinOperator.REVERSE_V2
        if reverses or (code == schema.BuiltinOperator.RESHAPE and before in repaired):
            graph.tensors[after].quantization = graph.tensors[before].quantization
            repaired.add(after)


def _slice(graph: schema.SubGraphT, start: int, end: int) -> schema.SubGraphT:
    """Return a graph of the operators that lead from one tensor to another."""
    needed, operators = {end}, []
    for operator in reversed(graph.operators):
        if not needed.isdisjoint(operator.outputs):
            operators.insert(0, copy.deepcopy(operator))
            needed |= {i for i in operator.inputs if i != start}
    if start not in graph.inputs and not needed.isdisjoint(graph.inputs):
        raise ValueError("The reconstruction depends on more than the code.")
    # In the order of first use, operators of several parts come out equal and are stored once.
    used = (i for op in operators for i in (*op.inputs, *op.outputs, *_inner(op)) if i >= 0)
    order = list(dict.fromkeys([start, *used]))
    place = {-1: -1, **{old: new for new, old in enumerate(order)}}
    for operator in operators:
        operator.inputs = [place[i] for i in operator.inputs]
        operator.outputs = [place[i] for i in operator.outputs]
        operator.intermediates = [place[i] for i in _inner(operator)]
    part = schema.SubGraphT()
    part.tensors = [copy.deepcopy(graph.tensors[i]) for i in order]
    part.inputs, part.outputs, part.operators = [place[start]], [place[end]], operators
    return part


def _inner(operator: schema.OperatorT) -> list[int]:
    return operator.intermediates if operator.intermediates is not None else []


def _quantize_input(model: schema.ModelT, part: schema.SubGraphT) -> None:
    """Make the input float32, followed by an operator that quantises it."""
    (quantized,) = part.inputs
    if part.tensors[quantized].type in INTEGERS:
        x = _add_tensor(part, part.tensors[quantized].shape)
        part.operators.insert(0, _operator(model, "QUANTIZE", [x], [quantized]))
        part.inputs = [x]


def _dequantized(model: schema.ModelT, part: schema.SubGraphT, i: int) -> int:
    """Return the tensor as float32, from an operator of its own if it is quantised."""
    if part.tensors[i].type not in INTEGERS:
        return i
    values = _add_tensor(part, part.tensors[i].shape)
    part.operators.append(_operator(model, "DEQUANTIZE", [i], [values]))
    return values


def _append_score(model: schema.ModelT, part: schema.SubGraphT) -> None:
    """Put the mean squared error in the place of the reconstruction."""
    shape = list(part.tensors[part.inputs[0]].shape)
    x, y = (_dequantized(model, part, i) for i in (part.inputs[0], part.outputs[0]))
    squares, axes = _add_tensor(part, shape), _add_tensor(part, [len(shape) - 1])
    part.tensors[axes].type = schema.TensorType.INT32
    part.tensors[axes].buffer = len(model.buffers)
    data = schema.BufferT()
    data.data = np.arange(1, len(shape), dtype="int32").view("uint8")
    model.buffers.append(data)
    score = _add_tensor(part, shape[:1])
    mean = _operator(model, "MEAN", [squares, axes], [score])
    mean.builtinOptionsType = schema.BuiltinOptions.ReducerOptions
    mean.builtinOptions = schema.ReducerOptionsT()
    part.operators += [_operator(model, "SQUARED_DIFFERENCE", [x, y], [squares]), mean]
    part.outputs = [score]


def _add_tensor(part: schema.SubGraphT, shape: Sequence[int]) -> int:
    """Add a float32 tensor without data and return its place."""
    tensor = schema.TensorT()
    tensor.shape, tensor.type, tensor.buffer = list(shape), schema.TensorType.FLOAT32, 0
    part.tensors.append(tensor)
    return len(part.tensors) - 1


def _operator(
    model: schema.ModelT, name: str, inputs: list[int], outputs: list[int]
) -> schema.OperatorT:
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = inputs, outputs
    number = getattr(schema.BuiltinOperator, name)
    for i, code in enumerate(model.operatorCodes):
        if code.builtinCode == number:
            operator.opcodeIndex = i
            return operator
    code = schema.OperatorCodeT()
    code.builtinCode, code.version = number, 1
    code.deprecatedBuiltinCode = min(number, 127)
    operator.opcodeIndex = len(model.operatorCodes)
    model.operatorCodes.append(code)
    return operator


def _signature(name: str, index: int, part: schema.SubGraphT, output: str) -> schema.SignatureDefT:
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = name, index
    signature.inputs = [_named(part, part.inputs[0], "x")]
    signature.outputs = [_named(part, part.outputs[0], output)]
    return signature


def _named(part: schema.SubGraphT, i: int, name: str) -> schema.TensorMapT:
    item = schema.TensorMapT()
    item.name, item.tensorIndex = name, i
    part.tensors[i].name = name
    return item


def _tidy(part: schema.SubGraphT) -> None:
    """Drop what no runtime reads: names inside a graph, and ranges seen in calibration."""
    ends = {*part.inputs, *part.outputs}
    for i, tensor in enumerate(part.tensors):
        if i not in ends:
            tensor.name = None
        if tensor.quantization is not None:
            tensor.quantization.min = tensor.quantization.max = None
            if tensor.quantization.scale is None:
                tensor.quantization = None


def _drop_unused(model: schema.ModelT) -> None:
    """Drop arrays and codes of operators that went with the parts left out.

    Small runtimes demand a kernel for every code.
    """
    operators = [operator for part in model.subgraphs for operator in part.operators]
    used = sorted({operator.opcodeIndex for operator in operators})
    model.operatorCodes = [model.operatorCodes[i] for i in used]
    for operator in operators:
        operator.opcodeIndex = used.index(operator.opcodeIndex)
    tensors = [tensor for part in model.subgraphs for tensor in part.tensors]
    holders = [*tensors, *(model.metadata or [])]
    # The first one is empty by convention, for tensors without data.
    used = sorted({0, *(holder.buffer for holder in holders)})
    model.buffers = [model.buffers[i] for i in used]
    for holder in holders:
        holder.buffer = used.index(holder.buffer)


class _AlignedBuilder(flatbuffers.Builder):
    """Places every array of bytes at a multiple of 16, as the file format demands."""

    def CreateNumpyVector(self, x):  # noqa: N802
        self.Prep(16, x.size * x.itemsize)
        return super().CreateNumpyVector(x)


class _Once:
    """Writes a table at its first use only; later uses point to it."""

    def __init__(self, table: Any):
        self.table, self.offset = table, None

    def Pack(self, builder: flatbuffers.Builder) -> int:  # noqa: N802
        if self.offset is None:
            self.offset = self.table.Pack(builder)
        return self.offset


def pack(model: schema.ModelT) -> bytes:
    """Return a model as the bytes of a `.tflite` file, equal tables written once."""
    tables: dict[bytes, _Once] = {}

    def once(table: Any) -> _Once:
        return tables.setdefault(pickle.dumps(table), _Once(table))

    for part in model.subgraphs:
        for tensor in part.tensors:
            tensor.quantization = tensor.quantization and once(tensor.quantization)
        part.tensors = [once(tensor) for tensor in part.tensors]
        for operator in part.operators:
            operator.builtinOptions = operator.builtinOptions and once(operator.builtinOptions)
        part.operators = [once(operator) for operator in part.operators]
    builder = _AlignedBuilder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
