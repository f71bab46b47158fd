"""Cutting one converted graph into the signatures of a `.tflite` file.

The graph maps `x` to a reconstruction and, on the way, to a code. Cut at the code it gives
`encode` and `decode`; with an error behind it, `score`. All of them point to the same tensors,
operators and loops: weights are stored once, a signature costs little, and decode(encode(x)) is
reconstruct(x) to the bit.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

from recipes.packing import pack, unique

INTEGERS = (schema.TensorType.INT8, schema.TensorType.UINT8, schema.TensorType.INT16)
# Which value each signature takes and which it gives; those alike share a graph.
ENDS = {
    "reconstruct": ("x", "reconstruction"),
    "encode": ("x", "code"),
    "decode": ("code", "reconstruction"),
    "score": ("x", "score"),
    "generate": ("code", "reconstruction"),
}


def cut(
    content: bytes, names: Sequence[str], *, int8_io: bool = False, score_window: int = 1
) -> bytes:
    """Return the file with the signatures named, the first of them as its main graph.

    Args:
        content: A `.tflite` file with one signature, `x` -> `code`, `reconstruction`.
        names: Some of `ENDS`.
        int8_io: Keep the inputs and outputs of a quantised file integers, but for scores, which are
            float32 always; otherwise they become float32.
        score_window: Side of the windows of pixels over which scores average errors.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    graph, *loops = model.subgraphs
    (signature,) = model.signatureDefs
    _repair_reversals(model, graph)
    inner = {"x": graph.inputs[0]}
    inner |= {item.name.decode(): item.tensorIndex for item in signature.outputs}
    _remove_barrier(model, graph, inner["code"])
    floats = {name: _as_float(graph, i) for name, i in inner.items()}
    outer = {**(inner if int8_io else floats), "score": _add_tensor(graph, [1])}

    parts: dict[tuple[str, str], schema.SubGraphT] = {}
    for name in names:
        if ENDS[name] in parts:
            continue
        start, end = ENDS[name]
        last = "reconstruction" if end == "score" else end
        part = parts[start, end] = schema.SubGraphT()
        part.name, part.inputs, part.outputs = name, [outer[start]], [outer[end]]
        part.operators = [
            *_convert(model, "QUANTIZE", outer[start], inner[start]),
            *_between(graph, inner[start], inner[last]),
            *_convert(model, "DEQUANTIZE", inner[last], outer[last]),
        ]
        if end == "score":
            for value in (start, last):
                part.operators += _convert(model, "DEQUANTIZE", outer[value], floats[value])
            x, y = floats[start], floats[last]
            if score_window > 1:
                pool_x, x = _average(model, graph, x, score_window)
                pool_y, y = _average(model, graph, y, score_window)
                part.operators += [pool_x, pool_y]
            part.operators += _mean_squared_error(model, graph, x, y, outer[end])
    model.subgraphs = [*parts.values(), *loops]
    for operator in unique(operator for part in model.subgraphs for operator in part.operators):
        if isinstance(operator.builtinOptions, schema.WhileOptionsT):
            operator.builtinOptions.condSubgraphIndex += len(parts) - 1
            operator.builtinOptions.bodySubgraphIndex += len(parts) - 1
    place = _share_tensors(graph.tensors, list(parts.values()))
    for part in model.subgraphs:
        _tidy(part)
    for name, i in outer.items():
        if i in place:
            graph.tensors[i].name = name
    model.signatureDefs = [
        _signature(name, list(parts).index(ENDS[name]), [place[outer[end]] for end in ENDS[name]])
        for name in names
    ]
    _drop_unused(model)
    return pack(model)


def unclipped(content: bytes) -> bytes:
    """Return the file with fused LSTMs that leave their cell states as they are.

    The converter has them cut off at 10, which no Keras LSTM does and trained ones pass.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    for graph in model.subgraphs:
        for operator in graph.operators:
            if isinstance(operator.builtinOptions, schema.UnidirectionalSequenceLSTMOptionsT):
                operator.builtinOptions.cellClip = 0.0
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _remove_barrier(model: schema.ModelT, graph: schema.SubGraphT, code: int) -> None:
    """Let the decoder read the code itself, not the copy that conversion put between them."""
    for operator in graph.operators:
        kind = model.operatorCodes[operator.opcodeIndex].builtinCode
        if kind == schema.BuiltinOperator.GATHER and operator.inputs[0] == code:
            (copy,) = operator.outputs
            graph.operators.remove(operator)
            for reader in graph.operators:
                reader.inputs = [code if i == copy else i for i in reader.inputs]
            return


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


def _between(graph: schema.SubGraphT, start: int, end: int) -> list[schema.OperatorT]:
    """Return the operators that lead from one tensor to another."""
    needed, operators = {end}, []
    for operator in reversed(graph.operators):
        if not needed.isdisjoint(operator.outputs):
            operators.insert(0, operator)
            needed |= {i for i in operator.inputs if i != start}
    if start not in graph.inputs and not needed.isdisjoint(graph.inputs):
        raise ValueError("The reconstruction depends on more than the code.")
    return operators


def _as_float(graph: schema.SubGraphT, i: int) -> int:
    """Return the tensor if it holds floats, else a new one for its values as float32."""
    tensor = graph.tensors[i]
    return _add_tensor(graph, tensor.shape) if tensor.type in INTEGERS else i


def _convert(model: schema.ModelT, name: str, before: int, after: int) -> list[schema.OperatorT]:
    """Return the operator from a tensor to its other type, or none where there is no other."""
    return [] if before == after else [_operator(model, name, [before], [after])]


def _average(
    model: schema.ModelT, graph: schema.SubGraphT, i: int, window: int
) -> tuple[schema.OperatorT, int]:
    """Return an operator that averages over every window of pixels, and the tensor it writes."""
    batch, height, width, channels = graph.tensors[i].shape
    averages = _add_tensor(graph, [batch, height - window + 1, width - window + 1, channels])
    operator = _operator(model, "AVERAGE_POOL_2D", [i], [averages])
    options = schema.Pool2DOptionsT()
    options.padding = schema.Padding.VALID
    options.strideH = options.strideW = 1
    options.filterHeight = options.filterWidth = window
    operator.builtinOptionsType = schema.BuiltinOptions.Pool2DOptions
    operator.builtinOptions = options
    return operator, averages


def _mean_squared_error(
    model: schema.ModelT, graph: schema.SubGraphT, x: int, y: int, score: int
) -> list[schema.OperatorT]:
    shape = list(graph.tensors[x].shape)
    squares, axes = _add_tensor(graph, shape), _add_tensor(graph, [len(shape) - 1])
    graph.tensors[axes].type = schema.TensorType.INT32
    graph.tensors[axes].buffer = len(model.buffers)
    data = schema.BufferT()
    data.data = np.arange(1, len(shape), dtype="int32").view("uint8")
    model.buffers.append(data)
    mean = _operator(model, "MEAN", [squares, axes], [score])
    mean.builtinOptionsType = schema.BuiltinOptions.ReducerOptions
    mean.builtinOptions = schema.ReducerOptionsT()
    return [_operator(model, "SQUARED_DIFFERENCE", [x, y], [squares]), mean]


def _add_tensor(graph: schema.SubGraphT, shape: Sequence[int]) -> int:
    """Add a float32 tensor without data and return its place."""
    tensor = schema.TensorT()
    tensor.shape = np.asarray(shape, "int32")
    tensor.type, tensor.buffer = schema.TensorType.FLOAT32, 0
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


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


def _share_tensors(tensors: list[schema.TensorT], parts: list[schema.SubGraphT]) -> dict[int, int]:
    """Give all parts one list of the tensors that any of them uses; return the new places."""
    operators = unique(operator for part in parts for operator in part.operators)
    used = dict.fromkeys(
        i for o in operators for i in (*o.inputs, *o.outputs, *_inner(o)) if i >= 0
    )
    place = {-1: -1, **{old: new for new, old in enumerate(used)}}

    def renumbered(places: Iterable[int]) -> np.ndarray:
        return np.array([place[i] for i in places], "int32")

    for operator in operators:
        operator.inputs, operator.outputs = map(renumbered, (operator.inputs, operator.outputs))
        if operator.intermediates is not None:
            operator.intermediates = renumbered(operator.intermediates)
    for part in parts:
        part.tensors = [tensors[i] for i in used]
        part.inputs, part.outputs = map(renumbered, (part.inputs, part.outputs))
    return place


def _inner(operator: schema.OperatorT) -> Sequence[int]:
    return operator.intermediates if operator.intermediates is not None else []


def _signature(name: str, index: int, places: Sequence[int]) -> schema.SignatureDefT:
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = name, index
    items = []
    # As in the SavedModel, every input is named x.
    for label, i in zip(("x", ENDS[name][1]), places, strict=True):
        item = schema.TensorMapT()
        item.name, item.tensorIndex = label, i
        items.append(item)
    signature.inputs, signature.outputs = items[:1], items[1:]
    return signature


def _tidy(part: schema.SubGraphT) -> None:
    """Drop what no runtime reads: names inside a graph, and ranges seen in calibration."""
    for tensor in part.tensors:
        tensor.name = None
        if tensor.quantization is not None:
            tensor.quantization.min = tensor.quantization.max = None
            if tensor.quantization.scale is None:
                tensor.quantization = None


def _drop_unused(model: schema.ModelT) -> None:
    """Drop arrays and codes of operators that went with the parts left out.

    Small runtimes demand a kernel for every code.
    """
    operators = unique(operator for part in model.subgraphs for operator in part.operators)
    used = sorted({operator.opcodeIndex for operator in operators})
    model.operatorCodes = [model.operatorCodes[i] for i in used]
    for operator in operators:
        operator.opcodeIndex = used.index(operator.opcodeIndex)
    tensors = unique(tensor for part in model.subgraphs for tensor in part.tensors)
    holders = [*tensors, *(model.metadata or [])]
    # The first one is empty by convention, for tensors without data.
    used = sorted({0, *(holder.buffer for holder in holders)})
    model.buffers = [model.buffers[i] for i in used]
    for holder in holders:
        holder.buffer = used.index(holder.buffer)
