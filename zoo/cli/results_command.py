"""`zoo results`: the table of what was trained."""

from pathlib import Path
from typing import Annotated

import typer

import zoo
from zoo.cli.options import AsJson
from zoo.cli.terminal import print_json, print_table


def results(
    folder: Annotated[Path, typer.Argument(help="Folder of recipes' folders.")] = Path(
        "saved_models"
    ),
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row for each file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the table of results."""
    from zoo.results import tables
    from zoo.results.result import read_results

    if not folder.is_dir():
        raise zoo.InputError(f"There is no folder {folder}: train a recipe first, or name another.")
    found = read_results(folder)
    if not found:
        raise zoo.InputError(f"There are no results in {folder}: train a recipe first.")
    if as_json:
        print_json(found)
    elif as_csv:
        print(tables.csv_table(found), end="")
    elif markdown:
        print(tables.markdown_table(found))
    else:
        columns, *rows = tables.rows(found)
        print_table(None, columns, rows)
