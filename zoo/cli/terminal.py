"""What the command `zoo` prints, and what it keeps the frameworks from printing."""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from zoo.errors import InputError

# Characters that a column of words is not made narrower than.
WRAPPED = 20


def print_json(value: Any) -> None:
    """Print JSON to standard output."""
    print(json.dumps(value, indent=2))


def print_table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of texts to standard output; names and figures are never cut."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    rows = list(rows)
    needed = 2
    for i, column in enumerate(columns):
        figures = all(row[i][:1] in "+-0123456789" for row in rows)
        whole = figures or i == 0
        table.add_column(column, justify="right" if figures else "left", no_wrap=whole)
        longest = max(len(cell) for cell in (column, *(row[i] for row in rows)))
        needed += 2 + (longest if whole else min(longest, WRAPPED))
    for row in rows:
        table.add_row(*row)
    # On a narrow terminal lines wrap.
    Console(width=max(Console().width, needed)).print(table)


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
            raise InputError(f"Keras does not load ({error}): unset KERAS_BACKEND.") from error
        for name in ("absl", "tensorflow", "urllib3"):
            logging.getLogger(name).setLevel(logging.ERROR)
        yield


def silence_native_logs() -> None:
    """Send what compiled code writes to standard error nowhere; Python's own messages stay.

    TensorFlow's libraries log from C++, some before any setting can reach them. Set
    TF_CPP_MIN_LOG_LEVEL to see them.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
