"""Writing a `.tflite` model as bytes, with equal parts stored only once.

Graphs over the same list of tensors share the list, its entries and their operators.
"""

import pickle
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

# Bytes to which the file format aligns the data of tensors.
ALIGNMENT = 16


def pack(model: schema.ModelT) -> bytes:
    """Return a model as the bytes of a `.tflite` file; the model cannot be used afterwards."""
    for tensor in unique(tensor for part in model.subgraphs for tensor in part.tensors):
        tensor.quantization = tensor.quantization and _Once(tensor.quantization)
    for operator in unique(operator for part in model.subgraphs for operator in part.operators):
        operator.builtinOptions = operator.builtinOptions and _Once(operator.builtinOptions)
    for part in model.subgraphs:
        part.tensors = [_Once(tensor) for tensor in part.tensors]
        part.operators = [_Once(operator) for operator in part.operators]
    model.subgraphs = [_Graph(part) for part in model.subgraphs]
    for signature in model.signatureDefs:
        signature.inputs = [_Once(item) for item in signature.inputs]
        signature.outputs = [_Once(item) for item in signature.outputs]
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def unique(items: Iterable[Any]) -> list[Any]:
    """Return each object once; several graphs may hold the same one."""
    return list({id(item): item for item in items}.values())


class _Builder(flatbuffers.Builder):
    """Writes equal strings and arrays once; an array of bytes is the data of a tensor."""

    def __init__(self, size: int):
        super().__init__(size)
        self._offsets: dict[Hashable, int] = {}

    def once(self, key: Hashable, write: Callable[[], int]) -> int:
        """Return the place of what has this key; `write` writes it at the first call."""
        if key not in self._offsets:
            self._offsets[key] = write()
        return self._offsets[key]

    def CreateString(self, s, encoding="utf-8", errors="strict"):  # noqa: N802
        text = s.encode(encoding, errors) if isinstance(s, str) else s
        return self.once(("string", text), lambda: super(_Builder, self).CreateString(text))

    def CreateNumpyVector(self, x):  # noqa: N802
        def write() -> int:
            if x.dtype == np.uint8:
                self.Prep(ALIGNMENT, x.size)
            return super(_Builder, self).CreateNumpyVector(x)

        return self.once((x.dtype.str, x.tobytes()), write)


class _Once:
    """A table that is written at its first use; later uses point to it."""

    def __init__(self, table: Any):
        self.table, self.key = table, pickle.dumps(table)

    def Pack(self, builder: _Builder) -> int:  # noqa: N802
        return builder.once(self.key, lambda: self.table.Pack(builder))


class _Graph:
    """A graph whose list of tensors is written once for all graphs that have the same one."""

    def __init__(self, graph: schema.SubGraphT):
        self.graph = graph

    def Pack(self, builder: _Builder) -> int:  # noqa: N802
        graph = self.graph
        tensors = builder.once(
            ("tensors", *(tensor.key for tensor in graph.tensors)),
            lambda: _offsets(builder, graph.tensors),
        )
        inputs, outputs = (
            builder.CreateNumpyVector(np.asarray(ends, "int32"))
            for ends in (graph.inputs, graph.outputs)
        )
        operators = _offsets(builder, graph.operators)
        name = graph.name and builder.CreateString(graph.name)
        schema.SubGraphStart(builder)
        schema.SubGraphAddTensors(builder, tensors)
        schema.SubGraphAddInputs(builder, inputs)
        schema.SubGraphAddOutputs(builder, outputs)
        schema.SubGraphAddOperators(builder, operators)
        if name:
            schema.SubGraphAddName(builder, name)
        return schema.SubGraphEnd(builder)


def _offsets(builder: _Builder, tables: list[_Once]) -> int:
    """Write a vector of references to tables."""
    places = [table.Pack(builder) for table in tables]
    builder.StartVector(4, len(places), 4)
    for place in reversed(places):
        builder.PrependUOffsetTRelative(place)
    return builder.EndVector()
