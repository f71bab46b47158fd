"""Converting a traced graph to TFLite; a program of its own, since the converter may crash.

    python -m zoo.exporting.converting GRAPHS SAMPLES FOLDER SIGNATURES VARIANT...

reads SavedModels of `zoo.exporting.tracing` from the folder GRAPHS, each named as `Variant.graph`
says, and samples to calibrate on from SAMPLES (`.npy`). It writes a file for each variant into
FOLDER, with the SIGNATURES (separated by commas), and prints the name of each file when it is
written. It needs no class of the model's layers.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from zoo.errors import InputError
from zoo.exporting import converter_internals
from zoo.exporting.converter_repairs import unclip_cell_states
from zoo.exporting.int8_ranges import narrow
from zoo.exporting.signatures import cut
from zoo.exporting.tflite_variants import VARIANTS, file_name

# Messages of the converter may hold the whole graph.
MOST_LETTERS = 200
# By how much values may exceed those of the samples that int16 variants are calibrated on. Tables
# hold rare values far beyond all others, and 2**16 steps resolve a wider range finely enough.
HEADROOM = np.float32(4)


def convert(
    graph: Path,
    variant: str,
    samples: np.ndarray,
    signatures: Sequence[str],
    *,
    int8_io: bool = False,
    per_channel: bool = False,
    score_window: int = 1,
) -> bytes:
    """Convert a graph to a `.tflite` file of builtin operators only, for one sample at a time.

    Args:
        graph: SavedModel that `tracing.write` wrote, in the form that the variant needs.
        variant: One of `VARIANTS`.
        samples: Training samples that variants with integer activations are calibrated on,
            `(samples, *sample_shape)`.
        signatures: The signatures to offer, some of `signatures.ENDS`.
        int8_io: Give int8 variants int8 inputs and outputs, as microcontrollers have them; scores
            are always float32.
        per_channel: Give each unit of a dense layer an int8 scale of its own: closer to Keras, but
            24 bytes larger for each unit. Convolutions always have one for each channel.
        score_window: Side of the windows of pixels over which scores average errors.

    Raises:
        InputError: A variant with integer activations, but no samples.
    """
    form = VARIANTS[variant]
    if form.calibrated and len(samples) == 0:
        raise InputError(f"{variant} needs training samples to calibrate on: pass some.")
    converter = tf.lite.TFLiteConverter.from_saved_model(str(graph), signature_keys=["graph"])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if not form.exact:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if variant == "fp16":
        converter.target_spec.supported_types = [tf.float16]
    if form.int8:
        converter.inference_input_type = converter.inference_output_type = tf.int8
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
        converter_internals.set_per_channel(converter, per_channel)
        if form.fused:
            # Calibration must see the values that the repaired operators compute.
            converter_internals.edit_before_calibration(converter, unclip_cell_states)
        else:
            converter_internals.edit_after_calibration(
                converter, lambda content: narrow(content, samples), per_channel
            )
    if form.int16:
        converter.inference_input_type = converter.inference_output_type = tf.int16
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
        converter.representative_dataset = lambda: (
            [factor * sample[None]] for factor in (1, HEADROOM) for sample in samples
        )
    content = converter.convert()
    if form.fused:
        content = unclip_cell_states(content)
    int8_io = int8_io and not form.int16
    return cut(content, signatures, int8_io=int8_io, score_window=score_window)


def reason(error: Exception) -> str:
    """Return one line that says why a graph cannot be converted."""
    missing = re.findall(r"'tf\.(\w+)' op is neither a custom op nor a flex op", str(error))
    if missing:
        return f"TFLite has no operator for {', '.join(dict.fromkeys(missing))}"
    return f"{type(error).__name__}: {first_line(str(error))}"


def first_line(message: str) -> str:
    """Return the first line of a message that holds something, or the start of a long one."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[0][:MOST_LETTERS] if lines else "no message"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("graphs", "samples", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("signatures", type=lambda text: text.split(","))
    parser.add_argument("variants", nargs="+")
    parser.add_argument("--int8-io", action="store_true")
    parser.add_argument("--per-channel", action="store_true")
    parser.add_argument("--score-window", type=int, default=1)
    arguments = parser.parse_args()

    samples = np.load(arguments.samples, allow_pickle=False)
    only = arguments.signatures[0] if len(arguments.signatures) == 1 else None
    for variant in arguments.variants:
        try:
            content = convert(
                arguments.graphs / VARIANTS[variant].graph,
                variant,
                samples,
                arguments.signatures,
                int8_io=arguments.int8_io,
                per_channel=arguments.per_channel,
                score_window=arguments.score_window,
            )
        # TensorFlow raises errors of many types where it cannot convert.
        except Exception as error:
            sys.exit(reason(error))
        name = file_name(variant, only)
        (arguments.folder / name).write_bytes(content)
        print(name, flush=True)


if __name__ == "__main__":
    main()
