"""The anomaly score of `zoo.anomaly_scoring.score` as operators of a TFLite graph."""

from ai_edge_litert import schema_py_generated as schema

from zoo.exporting.graph_editing import add_constant, add_tensor, operator


def score(
    model: schema.ModelT, graph: schema.SubGraphT, x: int, y: int, window: int, result: int
) -> list[schema.OperatorT]:
    """Return the operators that compute the score of one sample.

    Args:
        model: The model that the graph belongs to.
        graph: The graph that holds the tensors.
        x: Index of the sample's tensor, float32, `(1, *sample_shape)`.
        y: Index of the reconstruction's tensor, same shape.
        window: Side of the windows of pixels over which errors are averaged first.
        result: Index of the tensor to write, `(1,)`.
    """
    operators = []
    if window > 1:
        # The mean of a difference is the difference of the means, so each is averaged by itself.
        average_x, x = _average(model, graph, x, window)
        average_y, y = _average(model, graph, y, window)
        operators += [average_x, average_y]
    shape = list(graph.tensors[x].shape)
    squares = add_tensor(graph, shape)
    axes = add_constant(model, graph, range(1, len(shape)))
    mean = operator(model, "MEAN", [squares, axes], [result])
    mean.builtinOptionsType = schema.BuiltinOptions.ReducerOptions
    mean.builtinOptions = schema.ReducerOptionsT()
    return [*operators, operator(model, "SQUARED_DIFFERENCE", [x, y], [squares]), mean]


def _average(
    model: schema.ModelT, graph: schema.SubGraphT, i: int, window: int
) -> tuple[schema.OperatorT, int]:
    """Return an operator that averages over every window, and the index of the tensor it writes."""
    batch, height, width, channels = graph.tensors[i].shape
    averages = add_tensor(graph, [batch, height - window + 1, width - window + 1, channels])
    pool = operator(model, "AVERAGE_POOL_2D", [i], [averages])
    options = schema.Pool2DOptionsT()
    options.padding = schema.Padding.VALID
    options.strideH = options.strideW = 1
    options.filterHeight = options.filterWidth = window
    pool.builtinOptionsType = schema.BuiltinOptions.Pool2DOptions
    pool.builtinOptions = options
    return pool, averages
