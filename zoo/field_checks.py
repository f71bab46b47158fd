"""Dataclasses whose fields are checked by their annotated types, with a sentence for a person."""

import functools
import json
import typing
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from zoo.errors import InputError
from zoo.plain_values import plain


def about(text: str) -> Any:
    """Return the annotation that says in a sentence what a field is."""
    return Field(description=text)


def description(cls: type, name: str) -> str:
    """Return what the annotation `about` says of a field."""
    (text,) = (
        part.description
        for part in hints(cls)[name].__metadata__
        if isinstance(part, FieldInfo) and part.description
    )
    return text


@functools.cache
def hints(cls: type) -> dict[str, Any]:
    """Return the annotated type of each field of a dataclass."""
    return typing.get_type_hints(cls, include_extras=True)


@functools.cache
def _adapters(cls: type) -> dict[str, TypeAdapter]:
    return {name: TypeAdapter(hint) for name, hint in hints(cls).items()}


def check_fields(instance: Any) -> None:
    """Check each field of a dataclass by its type, and put the checked value in its place.

    Raises:
        InputError: A field has a wrong value.
    """
    for name, adapter in _adapters(type(instance)).items():
        try:
            value = adapter.validate_python(plain(getattr(instance, name)))
        except ValidationError as error:
            raise InputError(_sentence(name, error)) from None
        object.__setattr__(instance, name, value)


def check_plain(**values: Any) -> None:
    """Raise InputError unless each value can be written as JSON."""
    for name, value in values.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise InputError(
                f"{name} must be made of finite numbers, texts, lists and dictionaries, but got "
                f"{value!r}."
            ) from None


def as_tuple(value: Any) -> Any:
    """Return a value in which tuples take the place of lists, which JSON makes of them."""
    return tuple(as_tuple(item) for item in value) if isinstance(value, list) else value


def _sentence(name: str, error: ValidationError) -> str:
    """Return what pydantic found wrong with a field as one sentence."""
    first = error.errors(include_url=False)[0]
    where = ".".join([name, *(str(part) for part in first["loc"])])
    if first["type"] == "unexpected_keyword_argument":
        return f"{where} is unknown: a bound is at_most or at_least."
    wanted = first["msg"].replace("Input should be", "must be")
    return f"{where} {wanted}, but got {first['input']!r}."
