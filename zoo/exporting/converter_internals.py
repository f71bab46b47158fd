"""The private parts of TensorFlow's converter that this package relies on; they are used only here.

They have no public counterpart. A release of TensorFlow may change them without notice:
tests/exporting/test_converter_internals.py then fails and names the part.

- `TFLiteConverter._quantize(content, *settings)` takes the converted float file and returns the
  quantised one. It is replaced on one converter object, to edit the file ahead of it. If it is
  gone, look in `tensorflow/lite/python/lite.py` for the method that calls `Calibrator`.
- `TFLiteConverter._experimental_calibrate_only` makes `_quantize` stop after calibration: it
  returns the float file, whose tensors hold the ranges seen. If it is gone, call
  `tensorflow.lite.python.optimize.calibrator.Calibrator.calibrate` in its place.
- `mlir_quantize(content, ...)` of `tensorflow.lite.python.convert` makes a calibrated file int8. If
  it is gone, see what `_quantize` calls after calibration.
- `TFLiteConverter._experimental_disable_per_channel_quantization_for_dense_layers` gives all units
  of a dense layer one int8 scale. If it is gone, leave the setting out and measure the size of the
  files again: each unit then has its own scale, which takes 24 bytes.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.lite.python import convert

_ONE_SCALE = "_experimental_disable_per_channel_quantization_for_dense_layers"
_CALIBRATE_ONLY = "_experimental_calibrate_only"


def set_per_channel(converter: Any, per_channel: bool) -> None:
    """Choose whether each unit of a dense layer has an int8 scale of its own.

    Raises:
        RuntimeError: TensorFlow no longer has the private part; so do the other functions.
    """
    _require(converter, _ONE_SCALE)
    setattr(converter, _ONE_SCALE, not per_channel)


def edit_before_calibration(converter: Any, edit: Callable[[bytes], bytes]) -> None:
    """Let calibration and quantisation get the float file as `edit` returns it."""
    quantize = _require(converter, "_quantize")
    converter._quantize = lambda content, *settings: quantize(edit(content), *settings)


def edit_after_calibration(
    converter: Any, edit: Callable[[bytes], bytes], per_channel: bool
) -> None:
    """Let quantisation to int8 get the calibrated file as `edit` returns it.

    Args:
        converter: A `TFLiteConverter` with samples to calibrate on.
        edit: Takes and returns a float file whose tensors hold the ranges seen in calibration.
        per_channel: See `set_per_channel`.
    """
    quantize = _require(converter, "_quantize")
    _require(converter, _CALIBRATE_ONLY)
    to_int8 = _require(convert, "mlir_quantize")
    setattr(converter, _CALIBRATE_ONLY, True)
    converter._quantize = lambda content, *settings: to_int8(
        edit(quantize(content, *settings)),
        input_data_type=tf.int8,
        output_data_type=tf.int8,
        disable_per_channel_for_dense_layers=not per_channel,
    )


def _require(holder: Any, name: str) -> Any:
    if not hasattr(holder, name):
        raise RuntimeError(
            f"TensorFlow {tf.__version__} no longer has {name}: see "
            "zoo/exporting/converter_internals.py, which says what it did and what to do."
        )
    return getattr(holder, name)
