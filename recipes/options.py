"""Options that several commands share, and how their texts are read."""

import ast
from pathlib import Path
from typing import Annotated, Any

import typer

import zoo
from recipes.variants import VARIANTS

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Argument of the model, such as latent_dim=8 or hidden=128,64."),
]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder that holds the data; else $TFDS_DATA_DIR, else TFDS's own."),
]
Download = Annotated[bool, typer.Option("--download", help="Fetch missing data with TFDS.")]
Variants = Annotated[
    str | None,
    typer.Option(
        help=f"TFLite files to write, with commas between: {', '.join(VARIANTS)}; else all."
    ),
]


def parse_arguments(pairs: list[str] | None) -> dict[str, Any]:
    """Read `name=value` pairs; values are Python literals, and whatever is none is text.

    Raises:
        InputError: A pair has no name or no value.
    """
    arguments = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not name or not equals or not value:
            raise zoo.InputError(f"--set needs name=value, such as latent_dim=8, but got {pair!r}.")
        try:
            arguments[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            arguments[name] = value
    return arguments


def parse_variants(text: str | None) -> list[str] | None:
    """Read names of variants with commas between.

    Raises:
        InputError: One is no variant.
    """
    names = None if text is None else [name.strip() for name in text.split(",")]
    for name in names or ():
        if name not in VARIANTS:
            raise zoo.InputError(
                f"There is no variant {name!r}: the variants are {', '.join(VARIANTS)}."
            )
    return names
