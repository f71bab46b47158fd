"""Converting a model in this process, and running the file with LiteRT alone, for tests."""

import tempfile
from pathlib import Path

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter

import zoo
from zoo.exporting import converting, file_summary, tracing
from zoo.exporting.signatures import names_of
from zoo.exporting.tflite_variants import VARIANTS

SHAPE = (7, 5, 3)


def convert(model, variant, samples=None, *, only=None, int8_io=False, per_channel=False):
    """Return the `.tflite` file of one variant without metadata, see `converting.convert`."""
    if samples is None:
        samples = np.empty((0, *model.sample_shape), "float32")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "graph")
        tracing.write(model, folder, fused=VARIANTS[variant].fused)
        return converting.convert(
            folder,
            variant,
            samples,
            [only] if only else names_of(model),
            int8_io=int8_io,
            per_channel=per_channel,
            score_window=model.score_window,
        )


def build(name, shape=SHAPE, **arguments):
    """Return an untrained model; an LSTM has states about as large as after training."""
    keras.utils.set_random_seed(0)
    model = zoo.get(name, input_shape=shape, **{"latent_dim": 6, **arguments})
    if name == "lstm":
        # Fresh states are so small that the fused int8 kernel cannot scale them.
        for weight in model.weights:
            weight.assign(2 * weight)
    return model


def samples_of(shape, count=20):
    """Return random samples on [0, 1]."""
    return np.random.default_rng(0).random((count, *shape), dtype="float32")


def operators_in(content, tmp_path):
    """Return the operators of a file."""
    path = tmp_path / "operators.tflite"
    path.write_bytes(content)
    return file_summary.operators(path)


def runners(content):
    """Return for each signature a function of one array; integers are converted by their scale."""
    interpreter = Interpreter(model_content=content)
    calls = {}
    for name in interpreter.get_signature_list():
        calls[name] = interpreter.get_signature_runner(name)
        (before,) = calls[name].get_input_details().values()
        calls[name](x=np.zeros(before["shape"], before["dtype"]))

    def call(name, x):
        (before,) = calls[name].get_input_details().values()
        (after,) = calls[name].get_output_details().values()
        interpreter.reset_all_variables()
        if before["dtype"] != np.float32:
            scale, zero = before["quantization"]
            x = np.clip(np.round(x / scale) + zero, -128, 127).astype(before["dtype"])
        (y,) = calls[name](x=x).values()
        if after["dtype"] != np.float32:
            scale, zero = after["quantization"]
            y = ((y.astype("float32") - zero) * scale).astype("float32")
        return y

    return {name: lambda x, name=name: call(name, x) for name in calls}
