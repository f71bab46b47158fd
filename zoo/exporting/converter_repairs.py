"""Undoing what TensorFlow's converter does to a graph that a trained model did not ask for."""

from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils


def unclip_cell_states(content: bytes) -> bytes:
    """Return a file whose fused LSTMs do not clip their cell states.

    The converter makes them clip at 10. Keras's LSTM does not clip, and the states of trained
    models exceed 10.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    for graph in model.subgraphs:
        for operator in graph.operators:
            if isinstance(operator.builtinOptions, schema.UnidirectionalSequenceLSTMOptionsT):
                operator.builtinOptions.cellClip = 0.0
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def remove_barrier(model: schema.ModelT, graph: schema.SubGraphT, code: int) -> None:
    """Let the decoder read the code itself, not the copy of `zoo.exporting.tracing`.

    Args:
        model: The converted model.
        graph: Its one graph.
        code: Index of the code's tensor.
    """
    for operator in graph.operators:
        kind = model.operatorCodes[operator.opcodeIndex].builtinCode
        if kind == schema.BuiltinOperator.GATHER and operator.inputs[0] == code:
            (copy,) = operator.outputs
            graph.operators.remove(operator)
            for reader in graph.operators:
                reader.inputs = [code if i == copy else i for i in reader.inputs]
            return


def repair_reversals(model: schema.ModelT, graph: schema.SubGraphT) -> None:
    """Give reversed integers the scale of the integers that they are copied from.

    REVERSE_V2 copies, and so does RESHAPE. The converter gives the copy the scale of the values
    seen in calibration, which is another one where a sigmoid comes before it.
    """
    repaired = set()
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex].builtinCode
        before, after = operator.inputs[0], operator.outputs[0]
        reverses = code == schema.BuiltinOperator.REVERSE_V2
        if reverses or (code == schema.BuiltinOperator.RESHAPE and before in repaired):
            graph.tensors[after].quantization = graph.tensors[before].quantization
            repaired.add(after)
