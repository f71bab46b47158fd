"""The figure that a result is known by, beside its baseline and what others reached."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from zoo.errors import InputError
from zoo.evaluation.baseline_table import BASELINES
from zoo.evaluation.figure_table import FIGURES
from zoo.quality_gate import Gate


def headline(
    goal: Gate, reference: str, figures: Mapping[str, float], runs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what `result.json` says of the figure that a recipe is known by.

    Args:
        goal: The recipe's goal. It names the figure, and may set a bound for the mean over seeds.
        reference: What others reached, in the recipe's words.
        figures: Figures of the published model and of its baselines.
        runs: What is known of the run of each seed; a run that diverged has no figures.

    Returns:
        The figure with its value, as a number and as text; its mean and standard deviation over
        seeds; the value of the strongest baseline; and whether the mean `reached` the goal, None
        for a goal without a bound.

    Raises:
        InputError: The goal names a figure that the model does not have.
    """
    name = goal.figure
    if name not in FIGURES or name not in figures:
        known = ", ".join(figure for figure in FIGURES if figure in figures)
        raise InputError(f"The goal names the figure {name!r}: choose one of {known}.")
    figure = FIGURES[name]
    values = [run["figures"][name] for run in runs if run["figures"]]
    mean = statistics.fmean(values)
    deviation = spread = None
    if len(values) > 1:
        deviation = statistics.stdev(values)
        form = figure.spread_form or figure.form
        spread = " ± ".join(format(value, form) for value in (mean, deviation))
    strongest = figure.strongest(name, figures)
    baseline = figures[f"{name}_{strongest}"] if strongest else None
    return {
        "figure": name,
        "label": figure.label,
        "value": figures[name],
        "text": figure.show(figures[name]),
        "seeds": len(values),
        "mean": mean,
        "standard_deviation": deviation,
        "spread": spread,
        "baseline": BASELINES[strongest].short if strongest else "",
        "baseline_value": baseline,
        "baseline_text": figure.show(baseline) if baseline is not None else "",
        "reference": reference,
        "reached": goal.holds(mean) if goal != Gate(name) else None,
    }
