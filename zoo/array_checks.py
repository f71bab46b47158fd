"""Checks of the arrays that a caller passes to a model: one rule for Keras and for devices."""

from typing import Any

import numpy as np

from zoo.errors import InputError

# Types of codes that are whole numbers; those of a quantised file have other types.
WHOLE_NUMBERS = ("int32", "int64")
# Padded steps would count in the loss and in scores, which would then measure a sequence's length.
WINDOWS = "cut sequences of different length into windows of equal length"


def samples(
    name: str, values: Any, shape: tuple[int, ...], value_range: tuple[float, float] | None
) -> np.ndarray:
    """Return samples as float32, `(batch, *shape)`.

    Args:
        name: Name of the method, for the message.
        values: What the caller passed.
        shape: Shape of one sample.
        value_range: Lowest and highest value of a sample; None where any finite one may be.

    Raises:
        InputError: They have another shape or type, there are none, or one of their values is not
            finite in float32 or beyond the range.
    """
    found = _floats(name, _shaped(name, values, shape))
    if value_range is not None:
        low, high = value_range
        rounding = 1e-6 * (high - low)
        if found.min() < low - rounding or found.max() > high + rounding:
            raise InputError(
                f"{name} needs values on [{low:g}, {high:g}], but got {found.min():g} to "
                f"{found.max():g}: scale them."
            )
    return found


def codes(name: str, values: Any, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Return codes in the type that a decoder takes, `(batch, *shape)`.

    Args:
        name: Name of the method, for the message.
        values: What the caller passed.
        shape: Shape of one code.
        dtype: `int32` or `int64` for a decoder of whole numbers; anything else makes floats.

    Raises:
        InputError: As for samples, or they are not whole numbers where the decoder needs those.
    """
    found = _shaped(name, values, shape)
    return _whole_numbers(name, found, dtype) if dtype in WHOLE_NUMBERS else _floats(name, found)


def refuse_unequal(name: str, values: Any) -> None:
    """Refuse sequences of different length, in a list or an array of objects, or padded with NaN.

    Args:
        name: Name of the method, for the message.
        values: What the caller passed; anything but arrays and lists of them passes.

    Raises:
        InputError: The sequences are not equally long, or a value is NaN or infinite.
    """
    if isinstance(values, list | tuple):
        unequal = len({np.shape(value)[:1] for value in values}) > 1
    else:
        unequal = isinstance(values, np.ndarray) and values.dtype.kind == "O"
    if unequal:
        raise InputError(f"{name} needs one array of numbers: {WINDOWS}.")
    if not isinstance(values, np.ndarray) or values.dtype.kind != "f" or not values.size:
        return
    # A NaN makes both NaN.
    if not np.isfinite([values.min(), values.max()]).all():
        raise InputError(
            f"{name} got NaN or infinity: remove or repair those values, and {WINDOWS} where NaN "
            "fills them up."
        )


def finite(name: str, found: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return what a method found for values.

    Raises:
        InputError: It is not finite.
    """
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise InputError(
            f"{name} gives NaN or infinity for values up to {np.abs(values).max():g}: scale them "
            "as the training data are scaled."
        )
    return found


def _shaped(name: str, values: Any, shape: tuple[int, ...]) -> np.ndarray:
    try:
        values = np.asarray(values)
    except ValueError:
        raise InputError(
            f"{name} needs an array, but got a ragged list: make its rows equally long; {WINDOWS}."
        ) from None
    if values.dtype.kind == "O":
        raise InputError(f"{name} needs an array of numbers, not of objects: {WINDOWS}.")
    if values.shape[1:] != shape or values.ndim == 0 or len(values) == 0:
        raise InputError(
            f"{name} needs an array of shape ({', '.join(map(str, ('batch', *shape)))}), but got "
            f"{values.shape}: reshape it."
        )
    return values


def _floats(name: str, values: np.ndarray) -> np.ndarray:
    if values.dtype.kind != "f":
        raise InputError(
            f"{name} needs floats in the units of the data, but got {values.dtype}: convert and "
            "scale them."
        )
    # A value that float32 cannot hold becomes infinite, which is refused below.
    with np.errstate(over="ignore"):
        values = values.astype("float32", copy=False)
    if not np.isfinite(values).all():
        raise InputError(
            f"{name} got NaN or infinity: remove or repair those values, and {WINDOWS} where NaN "
            "fills them up."
        )
    return values


def _whole_numbers(name: str, values: np.ndarray, dtype: str) -> np.ndarray:
    if values.dtype.kind not in "iu":
        raise InputError(
            f"{name} needs codes of whole numbers, but got {values.dtype}: pass integers, such as "
            "encode gives."
        )
    limits = np.iinfo(dtype)
    if values.min() < limits.min or values.max() > limits.max:
        raise InputError(
            f"{name} needs codes of {dtype}, but got {values.min()} to {values.max()}: use codes "
            "such as encode gives."
        )
    return values.astype(dtype)
