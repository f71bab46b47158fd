"""The figure that a result is known by, beside its baseline and what others reached."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recipes.recipe import Gate

# Ends of the names of figures that are a baseline's.
BASELINES = ("_mean", "_pca", "_raw", "_noisy", "_filter", "_forest")


@dataclass(frozen=True)
class Figure:
    """How a figure is shown.

    Attributes:
        label: What it is, for a table.
        form: Format of its value.
        spread_form: Format of its mean over seeds and of their standard deviation.
        baseline: Figure of the baseline it stands beside.
        baseline_label: What that is.
    """

    label: str
    form: str
    spread_form: str
    baseline: str
    baseline_label: str

    def show(self, value: float) -> str:
        """Return a value of it as text."""
        return format(value, self.form)


FIGURES = {
    "test_mse": Figure("test MSE", ".4f", ".6f", "test_mse_pca", "PCA"),
    "test_bce": Figure("test cross-entropy", ".4f", ".6f", "test_bce_mean", "mean"),
    "nll_nats": Figure("NLL in nats", ".2f", ".2f", "nll_nats_mean", "independent pixels"),
    "linear_probe": Figure("linear probe", ".2%", ".2%", "linear_probe_raw", "raw pixels"),
    "auc": Figure("ROC AUC", ".4f", ".4f", "auc_pca", "PCA"),
}


def headline(
    goal: Gate, reference: str, figures: Mapping[str, float], runs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what `result.json` says of the figure that a recipe is known by.

    `reached` is None where the goal has no bound.

    Args:
        goal: The recipe's.
        reference: The recipe's.
        figures: Figures of the published model, with its baselines.
        runs: What is known of the run of each seed.
    """
    name = goal.figure
    figure = FIGURES[name]
    values = [run["figures"][name] for run in runs if run["figures"]]
    mean = statistics.fmean(values)
    deviation = spread = None
    if len(values) > 1:
        deviation = statistics.stdev(values)
        spread = " ± ".join(format(value, figure.spread_form) for value in (mean, deviation))
    return {
        "figure": name,
        "label": figure.label,
        "value": figures[name],
        "text": figure.show(figures[name]),
        "seeds": len(values),
        "mean": mean,
        "standard_deviation": deviation,
        "spread": spread,
        "baseline": figure.baseline_label,
        "baseline_value": figures[figure.baseline],
        "baseline_text": figure.show(figures[figure.baseline]),
        "reference": reference,
        "reached": goal.holds(mean) if goal != Gate(name) else None,
    }
