"""Checks of builder arguments; each failure is one sentence."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import keras

from zoo.errors import InputError


def check_input_shape(model: str, input_shape: Sequence[int], axes: dict[int, str]) -> None:
    """Raise InputError unless `input_shape` is positive whole numbers of a rank named in `axes`.

    Args:
        model: Name of the model, for the message.
        input_shape: Shape of one sample, without the batch axis.
        axes: Accepted ranks and, for each, the names of its axes; empty accepts any rank above 0.
    """
    wanted = " or ".join(axes.values()) or "at least one axis"
    whole = isinstance(input_shape, Sequence) and all(_is_positive_int(n) for n in input_shape)
    if not whole or not input_shape or (axes and len(input_shape) not in axes):
        raise InputError(
            f"{model!r} needs an input_shape with {wanted}, in whole numbers of at least 1 and "
            f"without the batch axis, but got {input_shape!r}."
        )


def check_positive_ints(**values: Any) -> None:
    """Raise InputError unless each value is a positive whole number or a sequence of such."""
    for name, value in values.items():
        members = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        if not all(_is_positive_int(member) for member in members):
            raise InputError(f"{name} must be whole numbers of at least 1, but got {value!r}.")


def check_between(low: float, high: float, **values: Any) -> None:
    """Raise InputError unless each value is a number in [low, high]."""
    for name, value in values.items():
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not low <= float(value) <= high:
            raise InputError(f"{name} must lie between {low:g} and {high:g}, but got {value!r}.")


def check_choice(choices: Sequence[str], **values: Any) -> None:
    """Raise InputError unless each value is one of the choices."""
    for name, value in values.items():
        if value not in choices:
            raise InputError(f"{name} must be one of {', '.join(choices)}, but got {value!r}.")


def check_activations(**values: Any) -> None:
    """Raise InputError unless Keras knows each activation."""
    for name, value in values.items():
        try:
            keras.activations.get(value)
        except (ValueError, TypeError):
            raise InputError(f"{name} must name a Keras activation, but got {value!r}.") from None


def _is_positive_int(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1
