"""A `.tflite` file under LiteRT, by the leanest call its Python API allows, and its memory."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

SIGNATURE = b"reconstruct"
OPERATORS = vars(schema.BuiltinOperator)
TYPES = {code: name.lower() for name, code in vars(schema.TensorType).items() if name.isupper()}

Call = Callable[[], np.ndarray]


def load(path: Path, x: np.ndarray | None) -> tuple[Call, Callable[[np.ndarray], np.ndarray]]:
    """Load a file on one thread, to run its signature `reconstruct`, or its only graph.

    A call sets the input, invokes, and copies the output: what `set_tensor`, `invoke` and
    `get_tensor` do. Those reach a file's first graph only, hence their private twins here. Per
    call they cost 0.6 us beyond the network on the CPU they were measured on, a signature runner
    2 us more, as it resizes and allocates each time, and a `CompiledModel` 3 us more.

    Args:
        path: The file.
        x: One sample with its batch axis, float32; None draws one from [0, 1). For an int8 file
            it is quantised here, once.

    Returns:
        A function that runs the file, and one that turns what it gives into float32.
    """
    interpreter = Interpreter(str(path), num_threads=1)
    runtime = interpreter._interpreter
    signatures = interpreter._get_full_signature_list()
    if SIGNATURE.decode() in signatures:
        names = signatures[SIGNATURE.decode()]
        graph = runtime.GetSubgraphIndexFromSignature(SIGNATURE.decode())
        (source,), (result,) = names["inputs"].values(), names["outputs"].values()
    else:
        graph = 0
        (source,), (result,) = runtime.InputIndices(), runtime.OutputIndices()
    details = interpreter._get_tensor_details(source, graph)
    if x is None:
        x = np.random.default_rng(0).random((1, *details["shape"][1:]), "float32")
    inputs = _quantise(x, details)
    runtime.ResizeInputTensor(source, np.array(x.shape, "int32"), False, graph)
    runtime.AllocateTensors(graph)

    def run() -> np.ndarray:
        runtime.SetTensor(source, inputs, graph)
        runtime.Invoke(graph)
        return runtime.GetTensor(result, graph)

    def run_afresh() -> np.ndarray:
        # A fused LSTM would go on from the state in which the last call left it.
        interpreter.reset_all_variables()
        return run()

    details = interpreter._get_tensor_details(result, graph)
    # States are reset in all graphs or in none.
    for name in signatures:
        runtime.AllocateTensors(runtime.GetSubgraphIndexFromSignature(name))
    stateful = any(tensor.isVariable for tensor in _read(path).subgraphs[graph].tensors)
    return run_afresh if stateful else run, lambda y: _dequantise(y, details)


def peak_arena(path: Path) -> int:
    """Return the most bytes of tensors, weights aside, that one sample keeps alive at a time.

    LiteRT does not tell the size of its arena. This is what its planner needs at least, from the
    file alone: inputs and outputs live throughout, other tensors from the operator that makes them
    to the last that reads them, and float16 weights, once expanded, for good. For dense networks
    it is, to the byte, what LiteRT's plain kernels allocate; convolutions (about twice this) and
    fused LSTMs (about 1.5 times) add scratch space of their own, and XNNPACK repacked weights.
    """
    model = _read(path)
    entries = {entry.signatureKey: entry.subgraphIndex for entry in model.signatureDefs or []}
    return _peak(model, entries.get(SIGNATURE, 0))


def _peak(model, graph: int) -> int:
    graph = model.subgraphs[graph]
    end = len(graph.operators)
    # Tensor -> operators between which it lives; a tensor that is not here is a constant.
    lives = {int(i): [0, end] for i in graph.inputs}
    lives |= {i: [0, end] for i, tensor in enumerate(graph.tensors) if tensor.isVariable}
    nested = [0] * (end + 1)
    for step, operator in enumerate(graph.operators):
        read = [int(i) for i in operator.inputs if int(i) in lives]
        for i in read:
            lives[i][1] = max(lives[i][1], step)
        for i in map(int, operator.outputs):
            lives[i] = [step, step]
            if not read and _is(model, operator, "DEQUANTIZE"):
                lives[i] = [0, end]
        if _is(model, operator, "WHILE"):
            loop = operator.builtinOptions
            nested[step] = _peak(model, loop.condSubgraphIndex) + _peak(
                model, loop.bodySubgraphIndex
            )
    for i in map(int, graph.outputs):
        if i in lives:
            lives[i][1] = end
    return max(
        sum(_bytes(graph.tensors[i]) for i, (first, last) in lives.items() if first <= step <= last)
        + nested[step]
        for step in range(end + 1)
    )


def _is(model, operator, name: str) -> bool:
    code = model.operatorCodes[operator.opcodeIndex]
    # Old files keep codes below 127 in the older field only.
    return max(code.builtinCode, code.deprecatedBuiltinCode) == OPERATORS[name]


def _bytes(tensor) -> int:
    # A free batch axis counts as one sample.
    shape = [] if tensor.shape is None else [max(int(size), 1) for size in tensor.shape]
    return math.prod(shape) * np.dtype(TYPES[tensor.type]).itemsize


def _read(path: Path):
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes()))


def _quantise(x: np.ndarray, details: dict) -> np.ndarray:
    if details["dtype"] == np.float32:
        return x
    scale, zero_point = details["quantization"]
    limits = np.iinfo(details["dtype"])
    return np.clip(np.round(x / scale) + zero_point, limits.min, limits.max).astype(limits.dtype)


def _dequantise(y: np.ndarray, details: dict) -> np.ndarray:
    if details["dtype"] == np.float32:
        return y
    scale, zero_point = details["quantization"]
    return (y.astype("float32") - zero_point) * scale
