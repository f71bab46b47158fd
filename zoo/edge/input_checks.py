"""Checks of the arrays that a caller passes to an exported file."""

from typing import Any

import numpy as np

from zoo.errors import InputError


def shaped(name: str, values: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return values as an array of shape `(batch, *shape)`.

    Args:
        name: Name of the method, for the message.
        values: What the caller passed.
        shape: Shape of one of them.

    Raises:
        InputError: They have another shape, or there are none.
    """
    try:
        values = np.asarray(values)
    except ValueError:
        raise InputError(
            f"{name} needs an array, but got a ragged list: make its rows equally long."
        ) from None
    if values.shape[1:] != shape or values.ndim == 0 or len(values) == 0:
        raise InputError(
            f"{name} needs an array of shape ({', '.join(map(str, ('batch', *shape)))}), but got "
            f"{values.shape}: reshape it."
        )
    return values


def floats(name: str, values: np.ndarray) -> np.ndarray:
    """Return floats as float32.

    Raises:
        InputError: The values are no floats, or one of them is not finite in float32.
    """
    if values.dtype.kind != "f":
        raise InputError(
            f"{name} needs floats in the units of the data, but got {values.dtype}: convert and "
            "scale them."
        )
    # A value that float32 cannot hold becomes infinite, which is refused below.
    with np.errstate(over="ignore"):
        values = values.astype("float32")
    if not np.isfinite(values).all():
        raise InputError(f"{name} got NaN or infinity: remove or repair those values.")
    return values


def whole_numbers(name: str, values: np.ndarray, dtype: str) -> np.ndarray:
    """Return integers as an integer type of the file.

    Raises:
        InputError: The values are no integers, or one of them is beyond the type.
    """
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
