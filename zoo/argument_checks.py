"""Checks of builder arguments; each failure is one sentence."""

import inspect
import math
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any

from zoo.errors import InputError


def check_input_shape(model: str, input_shape: Sequence[int], axes: dict[int, str]) -> None:
    """Raise InputError unless `input_shape` is positive whole numbers of a rank named in `axes`.

    Args:
        model: Name of the model, for the message.
        input_shape: Shape of one sample, without the batch axis.
        axes: Accepted ranks and, for each, the names of its axes; empty accepts any rank above 0.
    """
    wanted = " or ".join(axes.values()) or "at least one axis"
    if not _are_sizes(input_shape) or not input_shape or (axes and len(input_shape) not in axes):
        raise InputError(
            f"{model!r} needs an input_shape with {wanted}, in whole numbers of at least 1 and "
            f"without the batch axis, but got {input_shape!r}."
        )


def check_whole(at_least: int, **values: Any) -> None:
    """Raise InputError unless each value is one whole number of at least `at_least`."""
    for name, value in values.items():
        if not _is_whole(value) or int(value) < at_least:
            raise InputError(
                f"{name} must be a whole number of at least {at_least}, but got {value!r}."
            )


def as_sizes(name: str, value: Any) -> tuple[int, ...]:
    """Return sizes as a tuple; a single number makes a tuple of one.

    Args:
        name: Name of the argument, for the message.
        value: What the caller passed: a list, a tuple, an array or a number.

    Raises:
        InputError: They are not whole numbers of at least 1.
    """
    sizes = _listed(value)
    if _is_whole(sizes):
        sizes = (sizes,)
    if not _are_sizes(sizes):
        raise InputError(
            f"{name} must be a list of whole numbers of at least 1, such as (64,) or "
            f"(128, 64), but got {value!r}."
        )
    return tuple(sizes)


def check_unused(builder: Callable[..., Any], choice: str, **values: Any) -> None:
    """Raise InputError unless each argument that a choice leaves without effect has its default.

    Args:
        builder: The function that takes the arguments.
        choice: What was chosen, for the message, such as `body='dense'`.
        **values: The arguments that it makes no use of.
    """
    for name, value in values.items():
        default = inspect.signature(builder).parameters[name].default
        if _listed(value) != _listed(default):
            raise InputError(
                f"{name} has no effect with {choice}, but got {value!r}: leave it out, or pass its "
                f"default, {default!r}."
            )


def check_between(low: float, high: float, **values: Any) -> None:
    """Raise InputError unless each value is a finite number in [low, high]."""
    finite = f"be finite and at least {low:g}"
    wanted = f"lie between {low:g} and {high:g}" if high < math.inf else finite
    for name, value in values.items():
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not low <= float(value) <= high:
            raise InputError(f"{name} must {wanted}, but got {value!r}.")


def check_choice(choices: Sequence[str], **values: Any) -> None:
    """Raise InputError unless each value is one of the choices."""
    for name, value in values.items():
        if value not in choices:
            raise InputError(f"{name} must be one of {', '.join(choices)}, but got {value!r}.")


def check_flags(**values: Any) -> None:
    """Raise InputError unless each value is True or False."""
    for name, value in values.items():
        if not isinstance(value, bool):
            raise InputError(f"{name} must be True or False, but got {value!r}.")


def check_activations(**values: Any) -> None:
    """Raise InputError unless Keras knows each activation."""
    # The first import of Keras imports the model class, which needs this module whole.
    import keras

    for name, value in values.items():
        try:
            # One such as glu returns fewer values than it takes.
            kept = keras.activations.get(value)(keras.ops.ones((1, 4))).shape == (1, 4)
        except (ValueError, TypeError):
            raise InputError(f"{name} must name a Keras activation, but got {value!r}.") from None
        if not kept:
            raise InputError(f"{name} must keep the number of values, but got {value!r}.")


def _listed(value: Any) -> Any:
    """Return an array or a tuple as a list; anything else as it is."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(_is_whole(n) and int(n) >= 1 for n in value)
