"""What the command `zoo` prints, and what it keeps the frameworks from printing."""

import contextlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from zoo.cli.streams import own_output, printable
from zoo.errors import InputError

# Characters that a column of words is not made narrower than.
WRAPPED = 20


def print_json(value: Any) -> None:
    """Print JSON to standard output."""
    print(json.dumps(value, indent=2), file=own_output())


def say(text: str, end: str = "\n") -> None:
    """Print a text to standard output."""
    print(printable(text), end=end, file=own_output())


def print_table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of texts to standard output; names and figures are never cut.

    Where the terminal is too narrow for the table, each row becomes lines of a column and a value.
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    console = Console(file=own_output(), highlight=False)
    if width(columns, rows) > console.width:
        _print_stacked(console, title, columns, rows)
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left")
    table.title = Text(printable(title), style="italic") if title else None
    for i, column in enumerate(columns):
        figures = _are_figures(rows, i)
        justify = "right" if figures else "left"
        # A word that is cut in two is none: it goes to the next line.
        table.add_column(Text(column), justify=justify, no_wrap=figures or i == 0, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return the least width of a table, in characters; columns of words wrap."""
    needed = 2
    for i, column in enumerate(columns):
        longest = max(len(cell) for cell in (column, *(row[i] for row in rows)))
        whole = i == 0 or _are_figures(rows, i)
        needed += 2 + (longest if whole else min(longest, WRAPPED))
    return needed


def _are_figures(rows: Sequence[Sequence[str]], column: int) -> bool:
    return all(row[column][:1] in "+-0123456789" for row in rows)


def _print_stacked(
    console: Console, title: str | None, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    if title:
        console.print(Text(printable(title), style="italic"), soft_wrap=True)
    for name, *values in rows:
        console.print(Text(name, style="bold"), soft_wrap=True)
        for column, value in zip(columns[1:], values, strict=True):
            console.print(Text(f"  {column}: {value}"), overflow="fold")


def print_files(artefacts: Mapping[str, dict[str, Any]]) -> None:
    """Print what verification measured of each file."""
    from zoo.results.tables import error_over_keras, largest_difference

    rows = [
        (
            name,
            f"{entry['bytes']:,}",
            f"{entry['test_mse']:.5f}",
            f"{error_over_keras(entry) - 1:+.2%}",
            f"{largest_difference(entry):.1e}",
        )
        for name, entry in artefacts.items()
    ]
    columns = ("file", "bytes", "test_mse", "against Keras", "largest difference")
    print_table("Files", columns, rows)


@contextlib.contextmanager
def frameworks() -> Iterator[None]:
    """Show that the frameworks are being loaded, which takes seconds."""
    with Console(stderr=True).status("Loading TensorFlow"):
        try:
            import keras  # noqa: F401
        except (ImportError, ValueError) as error:
            raise InputError(
                f"Keras does not load ({error}): set KERAS_BACKEND=tensorflow, or remove "
                "~/.keras/keras.json."
            ) from error
        for name in ("absl", "tensorflow", "urllib3"):
            logging.getLogger(name).setLevel(logging.ERROR)
        yield
