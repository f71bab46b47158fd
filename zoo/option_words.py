"""Advice that names options: as the command takes them, and as Python does."""

from collections.abc import Mapping
from typing import Any


def options(arguments: Mapping[str, Any] | None = None, **fields: Any) -> str:
    """Return options in words, such as `--shift 0 --no-flip (shift=0, flip=False)`.

    Args:
        arguments: Arguments of the model, which a recipe holds in its field `arguments`.
        **fields: Fields of a recipe, or parameters of `zoo.train`, and their values.
    """
    flags = [_flag(name.replace("_", "-"), value) for name, value in fields.items()]
    flags += [f"--set {name}={value}" for name, value in (arguments or {}).items()]
    python = [f"{name}={value!r}" for name, value in fields.items()]
    if arguments:
        python.append(f"arguments={dict(arguments)!r}")
    return f"{' '.join(flags)} ({', '.join(python)})"


def _flag(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no-{name}"
    return f"--{name} {value}"
