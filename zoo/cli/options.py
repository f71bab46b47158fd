"""Options that several commands share, and how their texts are read."""

import ast
from pathlib import Path
from typing import Annotated, Any

import typer

from zoo import name_matching, recipe_book
from zoo.errors import InputError
from zoo.exporting.tflite_variants import VARIANTS

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Argument of the model, such as latent_dim=8 or hidden=128,64."),
]
Import = Annotated[
    list[Path] | None,
    typer.Option("--import", help="Python file that defines layers of the model; it is run."),
]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder that holds the data; else $TFDS_DATA_DIR, else TFDS's own."),
]
Download = Annotated[bool, typer.Option("--download", help="Fetch missing data with TFDS.")]
Variants = Annotated[
    str | None,
    typer.Option(
        help=f"TFLite files, with commas between: {', '.join(VARIANTS)}; else all but int16."
    ),
]

Tolerance = Annotated[
    float | None,
    typer.Option(help="How far fp16 and int8 files may be from Keras: 0.05 is 5 %; else see docs."),
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
            raise InputError(f"--set needs name=value, such as latent_dim=8, but got {pair!r}.")
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
    if text is None:
        return None
    return [name_matching.match(name.strip(), VARIANTS, "variant") for name in text.split(",")]


def run_files(paths: list[Path] | None) -> None:
    """Run Python files, so that Keras knows the layers that they define.

    Raises:
        InputError: There is no such file, or it fails.
    """
    for path in paths or ():
        recipe_book.run_file(path)
