"""Cutting one converted graph into the signatures of a `.tflite` file.

The graph maps `x` to a code and the code to a reconstruction. Cut at the code it gives `encode` and
`decode`; with the error appended it gives `score`. All signatures point to the same tensors,
operators and loops: weights are stored once, a signature costs few bytes, and decode(encode(x))
equals reconstruct(x) bit by bit.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

from zoo.exporting import converter_repairs
from zoo.exporting.flatbuffer_packing import pack, unique
from zoo.exporting.graph_editing import (
    add_tensor,
    between,
    drop_unused,
    operator,
    share_tensors,
    tidy,
)
from zoo.exporting.score_operators import score

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder

QUANTIZED = (schema.TensorType.INT8, schema.TensorType.UINT8, schema.TensorType.INT16)
# The value that each signature takes and the one that it gives; equal pairs share a graph.
ENDS = {
    "reconstruct": ("x", "reconstruction"),
    "encode": ("x", "code"),
    "decode": ("code", "reconstruction"),
    "score": ("x", "score"),
    "generate": ("code", "reconstruction"),
}


def names_of(model: "Autoencoder") -> tuple[str, ...]:
    """Return the signatures that an exported model offers: `generate` only where it has a prior."""
    generate = ("generate",) if model.has_prior else ()
    return ("reconstruct", "encode", "decode", "score", *generate)


def cut(
    content: bytes, names: Sequence[str], *, int8_io: bool = False, score_window: int = 1
) -> bytes:
    """Return the file with the signatures named, the first of them as its main graph.

    Args:
        content: A `.tflite` file with one signature, `x` -> `code`, `reconstruction`.
        names: Some of `ENDS`.
        int8_io: Keep the inputs and outputs of a quantised file integers, except scores, which are
            always float32; otherwise they become float32.
        score_window: Side of the windows of pixels over which scores average errors.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    graph, *loops = model.subgraphs
    (signature,) = model.signatureDefs
    converter_repairs.repair_reversals(model, graph)
    inner = {"x": graph.inputs[0]}
    inner |= {item.name.decode(): item.tensorIndex for item in signature.outputs}
    converter_repairs.remove_barrier(model, graph, inner["code"])
    floats = {name: _as_float(graph, i) for name, i in inner.items()}
    outer = {**(inner if int8_io else floats), "score": add_tensor(graph, [1])}

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
            *between(graph, inner[start], inner[last]),
            *_convert(model, "DEQUANTIZE", inner[last], outer[last]),
        ]
        if end == "score":
            for value in (start, last):
                part.operators += _convert(model, "DEQUANTIZE", outer[value], floats[value])
            x, y = floats[start], floats[last]
            part.operators += score(model, graph, x, y, score_window, outer[end])
    model.subgraphs = [*parts.values(), *loops]
    _renumber_loops(model, len(parts) - 1)
    place = share_tensors(graph.tensors, list(parts.values()))
    for part in model.subgraphs:
        tidy(part)
    for name, i in outer.items():
        if i in place:
            graph.tensors[i].name = name
    model.signatureDefs = [
        _signature(name, list(parts).index(ENDS[name]), [place[outer[end]] for end in ENDS[name]])
        for name in names
    ]
    drop_unused(model)
    return pack(model)


def _as_float(graph: schema.SubGraphT, i: int) -> int:
    """Return a quantised tensor's new counterpart for its values as float32; any other itself."""
    tensor = graph.tensors[i]
    return add_tensor(graph, tensor.shape) if tensor.type in QUANTIZED else i


def _convert(model: schema.ModelT, name: str, before: int, after: int) -> list[schema.OperatorT]:
    """Return the operator from a tensor to its other type, or nothing where both are the same."""
    return [] if before == after else [operator(model, name, [before], [after])]


def _renumber_loops(model: schema.ModelT, added: int) -> None:
    """Let loops find the graphs of their condition and body behind graphs that were added."""
    for op in unique(op for part in model.subgraphs for op in part.operators):
        if isinstance(op.builtinOptions, schema.WhileOptionsT):
            op.builtinOptions.condSubgraphIndex += added
            op.builtinOptions.bodySubgraphIndex += added


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
