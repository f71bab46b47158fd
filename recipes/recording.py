"""Recording results: result.json, the loss curve, the pictures, and tables."""

import csv
import importlib.metadata
import io
import json
import math
import platform
import statistics
from pathlib import Path
from typing import Any

import zoo
from recipes.headline import FIGURES, headline
from recipes.recipe import KERAS_FILE, RESULT, TFLITE_FILE, Gate
from recipes.variants import file_name

PACKAGES = (
    "autoencoder-zoo",
    "tensorflow",
    "keras",
    "ai-edge-litert",
    "tensorflow-datasets",
    "numpy",
    "scikit-learn",
)
TABLE_COLUMNS = (
    "recipe",
    "code",
    "figure",
    "reached",
    "mean of seeds",
    "goal for it",
    "baseline",
    "reference",
    ".tflite bytes",
    "parity",
    "int8 bytes",
    "int8 reaches",
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


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Write `result.json`."""
    text = json.dumps(result, indent=2, allow_nan=False)
    (folder / RESULT).write_text(f"{text}\n", encoding="utf-8")


def read_result(folder: Path) -> dict[str, Any]:
    """Read the `result.json` of a folder of artefacts.

    Raises:
        InputError: There is none, or it is damaged.
    """
    path = folder / RESULT
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise zoo.InputError(
            f"There is no {RESULT} in {folder}: name a folder that `zoo train` wrote."
        ) from None
    except (OSError, ValueError) as error:
        raise zoo.InputError(f"{path} is damaged ({error}): train the recipe again.") from None
    try:
        # What is read of a result later must be there.
        rows([result])
        _ = [result["recipe"][key] for key in ("data", "max_samples", "normal_label", "binarize")]
        _ = result["artefacts"][KERAS_FILE], result["recipe"]["per_channel"]
        _ = [entry["sha256"] for entry in result["artefacts"].values()]
        _ = [f"{entry['test_mse']:.5f}" for entry in result["artefacts"].values()]
    except (KeyError, TypeError, ValueError):
        raise zoo.InputError(f"{path} is no result of this zoo: train the recipe again.") from None
    return result


def read_results(folder: Path) -> list[dict[str, Any]]:
    """Read every `result.json` one level below a folder, sorted by recipe name."""
    return [read_result(path.parent) for path in sorted(folder.glob(f"[!.]*/{RESULT}"))]


def environment() -> dict[str, Any]:
    """Return the versions and the hardware that a result came from."""
    import tensorflow as tf

    gpus = [
        tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {
        "versions": {"python": platform.python_version(), **versions},
        "hardware": {"cpu": _cpu(), "gpus": gpus},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else platform.machine()


def rows(results: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return the table of results as text: a row of column names, then a row for each result.

    Detectors whose recipes differ in nothing but what is normal share a row, of means.
    """
    table: list[tuple[str, ...]] = [TABLE_COLUMNS]
    families: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        recipe = result["recipe"]
        trained = all(run["figures"] for run in result["runs"])
        if recipe["normal_label"] is not None and trained:
            recipe = {**recipe, "name": None, "normal_label": "any"}
        families.setdefault(json.dumps(recipe), []).append(result)
    for family in families.values():
        result = family[0] if len(family) == 1 else _mean(family)
        artefacts, figure = result["artefacts"], result["headline"]
        tflite, int8 = artefacts[TFLITE_FILE], artefacts.get(file_name("int8"))
        table.append(
            (
                result["recipe"]["name"],
                str(result["latent_dim"]),
                figure["label"],
                figure["text"],
                figure["spread"] or "-",
                _goal(Gate(**result["recipe"]["goal"]), figure["reached"]),
                f"{figure['baseline']} {figure['baseline_text']}",
                figure["reference"] or "-",
                f"{tflite['bytes']:,}",
                f"{largest_difference(tflite):.0e}",
                f"{int8['bytes']:,}" if int8 else "-",
                _reached(int8, figure["figure"]) if int8 else "-",
            )
        )
    return table


def _goal(goal: Gate, reached: bool | None) -> str:
    show = FIGURES[goal.figure].show
    bounds = [("≥", goal.at_least), ("≤", goal.at_most)]
    wanted = [f"{sign} {show(bound)}" for sign, bound in bounds if math.isfinite(bound)]
    return f"{' and '.join(wanted)}, {'reached' if reached else 'missed'}" if wanted else "-"


def _mean(family: list[dict[str, Any]]) -> dict[str, Any]:
    """Return of several results what a row of the table shows: means, the largest of their files.

    The spread is that of the family's mean from seed to seed.
    """
    first, recipe = family[0], family[0]["recipe"]
    goal = Gate(**recipe["goal"])
    seeds = zip(*(result["runs"] for result in family), strict=True)
    means = [_means([run["figures"] for run in seed]) for seed in seeds]
    figures = _means([result["figures"] for result in family])
    figure = headline(goal, recipe["reference"], figures, [{"figures": m} for m in means])
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


def _reached(artefact: dict[str, Any], figure: str) -> str:
    if figure in artefact:
        return FIGURES[figure].show(artefact[figure])
    return f"test MSE {artefact['test_mse_over_keras'] - 1:+.1%}"


def csv_table(results: list[dict[str, Any]]) -> str:
    """Return a row for each artefact of each result, as comma-separated values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for result in results:
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
                    f"{figures['test_mse_pca']:.6f}",
                    f"{figures['test_mse_mean']:.6f}",
                ]
            )
    return text.getvalue()


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def error_over_keras(artefact: dict[str, Any]) -> float:
    """Return the ratio of an artefact's test MSE to Keras's; of a half, with Keras's other half."""
    whole = "test_mse_over_keras" in artefact
    return artefact["test_mse_over_keras" if whole else "decoded_mse_over_keras"]


def largest_difference(artefact: dict[str, Any]) -> float:
    """Return the largest of an artefact's differences from Keras."""
    return max(value for name, value in artefact.items() if name.startswith("max_difference"))


def markdown_table(results: list[dict[str, Any]]) -> str:
    """Return the table of results in Markdown."""
    columns, *body = rows(results)
    words = ("recipe", "figure", "goal for it", "baseline", "reference")
    rule = ["---" if column in words else "---:" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [columns, rule, *body])
