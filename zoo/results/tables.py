"""Tables of results as text, Markdown and CSV, and the table of one model's figures."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zoo.artefact_names import TFLITE_FILE
from zoo.evaluation.baseline_table import BASELINES
from zoo.evaluation.figure import split_name
from zoo.evaluation.figure_table import FIGURES
from zoo.exporting.comparison_with_keras import largest_difference
from zoo.exporting.tflite_variants import file_name
from zoo.quality_gate import Gate
from zoo.results.detector_families import merged
from zoo.results.result import error_over_keras, is_trained

TABLE_COLUMNS = (
    "recipe",
    "code size",
    "figure",
    "value",
    "mean over seeds",
    "goal for the mean",
    "baseline",
    "reference",
    ".tflite bytes",
    "largest difference",
    "int8 bytes",
    "int8 value",
)
CSV_COLUMNS = (
    "recipe",
    "model",
    "data",
    "latent_dim",
    "parameters",
    "figure",
    "value",
    "mean",
    "standard_deviation",
    "seeds",
    "baseline",
    "artefact",
    "artefact_value",
    "bytes",
    "test_mse",
    "test_mse_over_keras",
    "max_difference",
    "test_mse_pca",
    "test_mse_mean",
)
# Columns of words, which stand on the left; numbers stand on the right.
WORDS = (
    "recipe",
    "figure",
    "goal for the mean",
    "baseline",
    "reference",
    "file",
    "unit",
    "what it is",
)


def rows(results: Iterable[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return the table of results as text: a row of column names, then a row for each result.

    Models that were exported without a recipe are left out. Detectors whose recipes differ only in
    what is normal share a row, of means.
    """
    return [TABLE_COLUMNS, *map(_row, merged([r for r in results if is_trained(r)]))]


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    artefacts, figure = result["artefacts"], result["headline"]
    tflite = artefacts.get(TFLITE_FILE)
    # An LSTM has no int8 file but the one in which it is one operator.
    int8 = artefacts.get(file_name("int8")) or artefacts.get(file_name("fused_int8"))
    return (
        result["recipe"]["name"],
        str(result["latent_dim"]),
        figure["label"],
        figure["text"],
        figure["spread"] or "-",
        _goal(Gate(**result["recipe"]["goal"]), figure["reached"]),
        f"{figure['baseline']} {figure['baseline_text']}".strip() or "-",
        figure["reference"] or "-",
        f"{tflite['bytes']:,}" if tflite else "-",
        f"{largest_difference(tflite):.0e}" if tflite else "-",
        f"{int8['bytes']:,}" if int8 else "-",
        _value(int8, figure["figure"]) if int8 else "-",
    )


def _goal(goal: Gate, reached: bool | None) -> str:
    show = FIGURES[goal.figure].show
    bounds = [("≥", goal.at_least), ("≤", goal.at_most)]
    wanted = [f"{sign} {show(bound)}" for sign, bound in bounds if math.isfinite(bound)]
    return f"{' and '.join(wanted)}, {'reached' if reached else 'missed'}" if wanted else "-"


def _value(artefact: dict[str, Any], figure: str) -> str:
    if figure in artefact:
        return FIGURES[figure].show(artefact[figure])
    return f"test MSE {artefact['test_mse_over_keras'] - 1:+.1%}"


def csv_table(results: Iterable[dict[str, Any]]) -> str:
    """Return a row for each artefact of each trained result, as comma-separated values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for result in filter(is_trained, results):
        recipe, figures, figure = result["recipe"], result["figures"], result["headline"]
        for name, entry in result["artefacts"].items():
            writer.writerow(
                [
                    *(recipe[key] for key in ("name", "model", "data")),
                    result["latent_dim"],
                    result["parameters"],
                    figure["figure"],
                    *(_digits(figure[key]) for key in ("value", "mean", "standard_deviation")),
                    figure["seeds"],
                    _digits(figure["baseline_value"]),
                    name,
                    _digits(entry.get(figure["figure"])),
                    entry["bytes"],
                    f"{entry['test_mse']:.6f}",
                    f"{error_over_keras(entry):.5f}",
                    f"{largest_difference(entry):.1e}",
                    *(
                        f"{figures[name]:.6f}" if name in figures else ""
                        for name in ("test_mse_pca", "test_mse_mean")
                    ),
                ]
            )
    return text.getvalue()


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def markdown_table(results: Iterable[dict[str, Any]]) -> str:
    """Return the table of results in Markdown."""
    columns, *body = rows(results)
    return markdown(columns, body)


def markdown(columns: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    rule = ["---" if column in WORDS else "---:" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [columns, rule, *body])


def figures_table(figures: Mapping[str, float]) -> list[tuple[str, ...]]:
    """Return the figures of a model beside those of its baselines as text.

    Args:
        figures: Values by their names, as `zoo.evaluate` returns them.

    Returns:
        A row of column names, `figure`, `model` and the baselines that have any value; then a row
        for each figure of the model, in the order of the figures.
    """
    own = [name for name in figures if not split_name(name)[1]]
    beside = [name for name in BASELINES if any(f"{figure}_{name}" in figures for figure in own)]
    body = [
        (
            name,
            *(_shown(name, figures.get(key)) for key in (name, *(f"{name}_{b}" for b in beside))),
        )
        for name in own
    ]
    return [("figure", "model", *beside), *body]


def _shown(figure: str, value: float | None) -> str:
    if value is None:
        return ""
    return FIGURES[figure].show(value) if figure in FIGURES else f"{value:.4f}"
