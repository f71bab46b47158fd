"""Numbers of NumPy as numbers of Python, which Keras and JSON need."""

from typing import Any


def plain(value: Any) -> Any:
    """Return a NumPy number as a Python number, also within lists, tuples and dicts.

    Anything else, such as an array, is returned as it is.
    """
    if type(value) is dict:
        return {name: plain(part) for name, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(plain(part) for part in value)
    # Known by its attributes: to import NumPy takes as long as to import this package.
    is_number = getattr(value, "ndim", None) == 0 and hasattr(value, "item")
    return value.item() if is_number else value
