"""The configuration of a model in float32, whatever it was built to compute in."""

from collections.abc import Mapping
from typing import Any

FLOATS = ("bfloat16", "float16", "float32", "float64")


def in_float32(config: Any) -> Any:
    """Return the configuration of a Keras object, its types of floats replaced by float32.

    Args:
        config: What `get_config` returned, or a part of it. Whole numbers keep their types.
    """
    if isinstance(config, list | tuple):
        return type(config)(in_float32(part) for part in config)
    if not isinstance(config, Mapping):
        return config
    return {
        key: _policy(value) if key == "dtype" else in_float32(value)
        for key, value in config.items()
    }


def _policy(dtype: Any) -> Any:
    if isinstance(dtype, Mapping) and dtype.get("class_name") == "DTypePolicy":
        return {**dtype, "config": {**dtype["config"], "name": _policy(dtype["config"]["name"])}}
    is_float = isinstance(dtype, str) and dtype.removeprefix("mixed_") in FLOATS
    return "float32" if is_float else dtype
