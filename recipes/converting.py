"""Converting a trained model to TFLite; a program of its own, as the converter may crash.

    python -m recipes.converting MODEL SAMPLES FOLDER VARIANT...

reads a `.keras` file and samples to calibrate on (`.npy`), writes a file for each variant into
FOLDER, and prints the name of each as it is done.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.lite.python.convert import mlir_quantize

import zoo
from recipes.lowering import (
    FakeQuantizedDense,
    FakeQuantizedLSTM,
    FusedLSTM,
    PhasedConv2DTranspose,
    PortableLSTM,
    fake_quantize,
    has_lstm,
    lower,
    observe,
)
from recipes.ranges import narrow
from recipes.signatures import cut, unclipped
from recipes.task import signatures_of
from recipes.variants import VARIANTS, file_name
from zoo.layers import LSTM


def convert(
    model: zoo.Autoencoder,
    variant: str,
    samples: np.ndarray | None = None,
    *,
    only: str | None = None,
    int8_io: bool = False,
    per_channel: bool = False,
) -> bytes:
    """Convert a model to a `.tflite` file of builtin operators only, for one sample at a time.

    Args:
        model: A trained model.
        variant: One of `VARIANTS`; the fused ones only for a model with an LSTM.
        samples: Training samples that int8 variants are calibrated on, `(samples, *input_shape)`.
        only: The one signature to offer, for a sender or a receiver; None for all of them.
        int8_io: Give int8 variants int8 inputs and outputs, as microcontrollers have them; scores
            are float32 always.
        per_channel: Give each unit of a dense layer an int8 scale of its own: closer, but 24 bytes
            a unit larger. Convolutions have them always.

    Raises:
        InputError: An int8 variant without samples.
    """
    form = VARIANTS[variant]
    samples = np.empty((0, *model.input_shape[1:])) if samples is None else samples
    if form.int8 and len(samples) == 0:
        raise zoo.InputError(f"{variant} needs training samples to calibrate on: pass some.")
    # The converter's own calibration crashes on loops.
    loops = form.int8 and not form.fused and has_lstm(model)
    if loops:
        lstm, kinds = FakeQuantizedLSTM, {keras.layers.Dense: FakeQuantizedDense}
    else:
        lstm = FusedLSTM if form.fused else PortableLSTM
        kinds = {keras.layers.Conv2DTranspose: PhasedConv2DTranspose}
    lowered = lower(model, {**kinds, LSTM: lstm, keras.layers.LSTM: lstm})
    outputs = observe(lowered, samples) if loops else None

    shape = (1, *model.input_shape[1:])

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name="x")], autograph=False)
    def graph(x):
        if outputs is not None:
            x = fake_quantize(x, float(samples.min()), float(samples.max()))
        code = lowered.encoder(x, training=False)
        # A barrier, which `cut` removes: without it the converter may put the code's bias or scale
        # into the decoder's first layer, whose input is the code no more.
        y = lowered.decoder(tf.gather(code, [0]), training=False)
        if outputs is not None:
            y = fake_quantize(y, float(outputs.min()), float(outputs.max()))
        return {"code": code, "reconstruction": y}

    module: Any = tf.Module()
    module.weights = [weight.value for weight in lowered.variables]
    with tempfile.TemporaryDirectory() as scratch:
        tf.saved_model.save(module, scratch, signatures={"graph": graph})
        converter = tf.lite.TFLiteConverter.from_saved_model(scratch, signature_keys=["graph"])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if not form.exact:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if variant == "fp16":
            converter.target_spec.supported_types = [tf.float16]
        if form.int8:
            converter.inference_input_type = converter.inference_output_type = tf.int8
            converter._experimental_disable_per_channel_quantization_for_dense_layers = (
                not per_channel
            )
        if form.int8 and not loops:
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
        quantize = converter._quantize
        if form.fused:
            # Ahead of calibration, which sees what the operators compute.
            converter._quantize = lambda content, *settings: quantize(unclipped(content), *settings)
        elif form.int8 and not loops:
            # The converter has no setting for ranges: they are changed between its two steps.
            converter._experimental_calibrate_only = True
            converter._quantize = lambda content, *settings: mlir_quantize(
                narrow(quantize(content, *settings), samples),
                input_data_type=tf.int8,
                output_data_type=tf.int8,
                disable_per_channel_for_dense_layers=not per_channel,
            )
        content = converter.convert()
    if form.fused:
        content = unclipped(content)
    names = [only] if only else signatures_of(model)
    return cut(content, names, int8_io=int8_io, score_window=model.score_window)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "samples", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("variants", nargs="+")
    parser.add_argument("--only")
    parser.add_argument("--int8-io", action="store_true")
    parser.add_argument("--per-channel", action="store_true")
    arguments = parser.parse_args()

    model = zoo.load(arguments.model)
    samples = np.load(arguments.samples, allow_pickle=False)
    for variant in arguments.variants:
        content = convert(
            model,
            variant,
            samples,
            only=arguments.only,
            int8_io=arguments.int8_io,
            per_channel=arguments.per_channel,
        )
        name = file_name(variant, arguments.only)
        (arguments.folder / name).write_bytes(content)
        print(name, flush=True)


if __name__ == "__main__":
    main()
