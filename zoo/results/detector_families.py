"""Detectors that differ only in what is normal share a row of the table."""

import json
import statistics
from typing import Any

from zoo.exporting.comparison_with_keras import largest_difference
from zoo.quality_gate import Gate
from zoo.results.headline_figure import headline


def merged(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return results of trained recipes, each family of detectors as one result of means."""
    families: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        recipe = result["recipe"]
        complete = all(run["figures"] for run in result["runs"])
        if recipe["normal_label"] is not None and complete:
            recipe = {**recipe, "name": None, "normal_label": "any"}
        families.setdefault(json.dumps(recipe), []).append(result)
    return [family[0] if len(family) == 1 else _mean(family) for family in families.values()]


def _mean(family: list[dict[str, Any]]) -> dict[str, Any]:
    """Return of several results what a row of the table shows: means, the largest of their files.

    The spread is that of the family's mean from seed to seed.
    """
    first, recipe = family[0], family[0]["recipe"]
    seeds = zip(*(result["runs"] for result in family), strict=True)
    means = [_means([run["figures"] for run in seed]) for seed in seeds]
    figures = _means([result["figures"] for result in family])
    runs = [{"figures": mean} for mean in means]
    figure = headline(Gate(**recipe["goal"]), recipe["reference"], figures, runs)
    artefacts = {}
    for name in first["artefacts"]:
        entries = [result["artefacts"].get(name) for result in family]
        if None in entries:
            continue
        artefacts[name] = {
            **_means(entries),
            "bytes": max(entry["bytes"] for entry in entries),
            "max_difference": max(map(largest_difference, entries)),
        }
    return {
        **first,
        "recipe": {**recipe, "name": f"{recipe['model']}_{recipe['data']}_*"},
        "headline": {**figure, "label": f"mean {figure['label']}"},
        "artefacts": artefacts,
    }


def _means(entries: list[dict[str, Any]]) -> dict[str, float]:
    """Return the mean of every number that all of them hold."""
    shared = set.intersection(*map(set, entries))
    numbers = [key for key in shared if isinstance(entries[0][key], int | float)]
    return {key: statistics.fmean(entry[key] for entry in entries) for key in numbers}
