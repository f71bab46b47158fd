"""The table that `benchmarks.edge` prints, and its aims."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

FP32 = ("model.tflite", "model_fused.tflite")
INT8 = ("model_int8.tflite",)
FUSED_INT8 = ("model_fused_int8.tflite",)
# What is aimed at, the column that tells, how much it may be, and for which files.
AIMS = (
    ("fp32: at most half of PyTorch's time, eager or compiled", "of_torch", 0.5, FP32),
    ("fp32: no slower than ONNX Runtime", "of_onnx", 1, FP32),
    ("int8: no slower than fp32 (aimed at for all but LSTMs)", "of_fp32", 1, INT8 + FUSED_INT8),
    ("int8: at most 30 % of fp32's bytes", "bytes_of_fp32", 0.3, INT8 + FUSED_INT8),
)
COLUMNS = {
    "recipe": ("recipe", "{}"),
    "file": ("file", "{}"),
    "bytes": ("bytes", "{:,}"),
    "arena": ("peak\narena", "{:,}"),
    "off_by": ("off\nby", "{:.0e}"),
    "litert_us": ("LiteRT\nus", "{:.1f}"),
    "onnx_us": ("ONNX\nus", "{:.1f}"),
    "torch_us": ("PyTorch\nus", "{:.1f}"),
    "compiled_us": ("compiled\nus", "{:.1f}"),
    "of_onnx": ("of\nONNX", "{:.2f}"),
    "of_torch": ("of\nPyTorch", "{:.2f}"),
    "of_fp32": ("of fp32\ntime", "{:.2f}"),
    "bytes_of_fp32": ("of fp32\nbytes", "{:.2f}"),
    "reference_us": ("reference\nus", "{:.1f}"),
    "of_reference": ("of\nreference", "{:.2f}"),
}


def print_rows(rows: list[dict[str, Any]]) -> None:
    """Print a table of files, without the columns that are empty, and which aims are missed."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    columns = [name for name in COLUMNS if any(row[name] is not None for row in rows)]
    for name in columns:
        text = name in ("recipe", "file")
        table.add_column(COLUMNS[name][0], justify="left" if text else "right", no_wrap=True)
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        last = following is None or following["recipe"] != row["recipe"]
        table.add_row(*(_cell(row, name) for name in columns), end_section=last)
    # On a narrow terminal lines wrap, but no figure is cut.
    console = Console(width=max(Console().width, 180), highlight=False)
    console.print(table)
    console.print(
        "us: microseconds per sample, medians. of ...: LiteRT's time over theirs; of PyTorch, "
        "eager or compiled, whichever is faster.\n"
        "peak arena: bytes of tensors alive at a time, without weights and scratch. off by: "
        "largest difference from Keras on the random sample."
    )
    for aim, column, at_most, files in AIMS:
        held = [row for row in rows if row["file"] in files and row[column] is not None]
        missed = [row for row in held if row[column] > at_most]
        if held:
            console.print(f"{aim}: {len(held) - len(missed)} of {len(held)}")
        for row in missed:
            console.print(f"  missed by {row['recipe']}/{row['file']}: {row[column]:.3f}")


def _cell(row: dict[str, Any], column: str) -> str:
    if row[column] is None:
        return ""
    text = COLUMNS[column][1].format(row[column])
    missed = any(
        name == column and row["file"] in files and row[column] > at_most
        for _, name, at_most, files in AIMS
    )
    return f"[red]{text}[/red]" if missed else text
