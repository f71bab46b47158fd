"""The options of `zoo train` that change a recipe: one for each of its fields."""

import inspect
import types
import typing
from dataclasses import fields, replace
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter

from zoo.cli.options import parse_arguments
from zoo.errors import InputError
from zoo.field_checks import description, hints
from zoo.recipe import Recipe

# Their title in the help.
PANEL = "The recipe's fields; what is not given stays as the recipe has it"


def parameters() -> list[inspect.Parameter]:
    """Return a keyword parameter for each field of a recipe; None leaves the field as it is."""
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[_type(field.name) | None, _option(field)],
        )
        for field in fields(Recipe)
    ]


def change(recipe: Recipe, given: dict[str, Any]) -> Recipe:
    """Return a recipe with what the options say; first those data, then what else is given.

    Raises:
        InputError: A value does not fit its field.
    """
    if given["data"] is not None:
        recipe = recipe.on(given["data"])
    changes = {name: value for name, value in given.items() if value is not None}
    if "arguments" in changes:
        changes["arguments"] = {**recipe.arguments, **parse_arguments(changes["arguments"])}
    for name in ("gates", "goal"):
        if name in changes:
            changes[name] = _from_json(name, changes[name])
    return replace(recipe, **changes)


def _type(name: str) -> Any:
    """Return the type that the command line reads a field as."""
    if name == "arguments":
        return list[str]
    kind = _bare(hints(Recipe)[name])
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        kind = _bare(next(part for part in typing.get_args(kind) if part is not types.NoneType))
    return str if name in ("gates", "goal") else kind


def _bare(hint: Any) -> Any:
    return hint.__origin__ if typing.get_origin(hint) is Annotated else hint


def _option(field: Any) -> Any:
    text = description(Recipe, field.name)
    if field.name in ("gates", "goal"):
        text += " As JSON."
    if field.name == "arguments":
        return typer.Option("--set", metavar="NAME=VALUE", help=text, rich_help_panel=PANEL)
    return typer.Option(help=text, rich_help_panel=PANEL)


def _from_json(name: str, text: str) -> Any:
    try:
        return TypeAdapter(Any).validate_json(text)
    except ValueError as error:
        reason = str(error).splitlines()[-1].strip()
        raise InputError(f"--{name} is no JSON, {text!r}: {reason}") from None
