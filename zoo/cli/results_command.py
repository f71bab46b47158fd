"""`zoo results`: the table of what was trained."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import zoo
from zoo.cli.options import AsJson
from zoo.cli.streams import own_output
from zoo.cli.terminal import print_json, print_table, say, width

logger = logging.getLogger(__name__)

# The columns that a narrow terminal shows, the most important first.
BY_IMPORTANCE = ("recipe", "figure", "value", "baseline", "mean over seeds", "goal for the mean")


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
        say(tables.csv_table(found), end="")
    elif markdown:
        say(tables.markdown_table(found))
    else:
        table = tables.rows(found)
        columns, *rows = fitting(table, Console(file=own_output()).width)
        print_table(None, columns, rows)
        if left_out := [column for column in table[0] if column not in columns]:
            logger.info(
                "The terminal is too narrow for %s: see them with --markdown or --csv.",
                ", ".join(left_out),
            )


def fitting(table: Sequence[Sequence[str]], most: int) -> list[list[str]]:
    """Return the most important columns of a table that fit, in the order of the table.

    Args:
        table: A row of column names, then the others, as `tables.rows` returns them.
        most: The width that there is, in characters.
    """
    order = [*BY_IMPORTANCE, *(column for column in table[0] if column not in BY_IMPORTANCE)]
    chosen = [list(row) for row in table]
    while len(chosen[0]) > 1 and width(chosen[0], chosen[1:]) > most:
        place = chosen[0].index(order.pop())
        chosen = [row[:place] + row[place + 1 :] for row in chosen]
    return chosen
