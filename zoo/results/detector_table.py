"""The table of detectors: how well each ranks anomalies, and what its threshold gets wrong."""

from collections.abc import Iterable
from typing import Any

from zoo.evaluation.figure_table import FIGURES
from zoo.results.result import is_trained
from zoo.results.tables import markdown

# The figure of each column, and the baseline whose figure it is; empty for the model's own.
COLUMNS = {
    "ROC AUC": ("auc", ""),
    "of PCA": ("auc", "pca"),
    "of an isolation forest": ("auc", "forest"),
    "false alarms": ("false_alarms", ""),
    "missed anomalies": ("misses", ""),
}


def detector_table(results: Iterable[dict[str, Any]]) -> str:
    """Return a table in Markdown with a row for each detector among the results."""
    body = [
        (
            result["recipe"]["name"],
            *(_cell(result["figures"], *place) for place in COLUMNS.values()),
        )
        for result in results
        if is_trained(result) and result["recipe"]["normal_label"] is not None
    ]
    return markdown(("recipe", *COLUMNS), body)


def _cell(figures: dict[str, float], figure: str, baseline: str) -> str:
    value = figures.get(f"{figure}_{baseline}" if baseline else figure)
    return "-" if value is None else FIGURES[figure].show(value)
