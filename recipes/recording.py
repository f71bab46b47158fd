"""Recording results: result.json, the loss curve, the pictures, and tables."""

import csv
import importlib.metadata
import io
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

import zoo
from recipes.recipe import KERAS_FILE, RESULT, TFLITE_FILE
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
SHOWN = 10
TABLE_COLUMNS = (
    "recipe",
    "code",
    "params",
    "test MSE",
    "PCA",
    "mean",
    ".tflite bytes",
    "parity",
    "int8 bytes",
    "int8 error",
)
CSV_COLUMNS = (
    "recipe",
    "model",
    "data",
    "latent_dim",
    "parameters",
    "artefact",
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
        _ = [result["recipe"][key] for key in ("data", "max_samples")]
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


def draw_loss(path: Path, history: dict[str, list[float]]) -> None:
    """Draw training and validation MSE over the epochs, on a logarithmic scale."""
    figure, axes = _axes(1, 1, (6, 4))
    epochs = range(1, len(history["mse"]) + 1)
    axes[0].plot(epochs, history["mse"], label="training")
    axes[0].plot(epochs, history["val_mse"], label="validation")
    axes[0].set(xlabel="epoch", ylabel="mean squared error", yscale="log")
    axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].legend()
    axes[0].set_axis_on()
    figure.savefig(path)


def draw_reconstructions(
    path: Path, samples: np.ndarray, inputs: np.ndarray, reconstructions: np.ndarray
) -> None:
    """Draw the first samples over their reconstructions, and corrupted inputs between.

    Images stand in rows; sequences are drawn as traces, the reconstruction over the input.
    """
    rows = {"original": samples, "input": inputs, "reconstruction": reconstructions}
    if inputs is samples:
        del rows["original"]
    if samples.ndim == 4:
        _draw_images(path, rows)
    else:
        figure, axes = _axes(2, SHOWN // 2, (15, 5))
        for i, axis in enumerate(axes[: len(samples)]):
            for label, series in rows.items():
                axis.plot(series[i], label=label, linewidth=1)
            axis.set_axis_on()
        axes[0].legend(*axes[0].get_legend_handles_labels(), fontsize="small")
        figure.savefig(path)


def draw_samples(path: Path, samples: np.ndarray) -> None:
    """Draw samples from the prior: images in rows of ten, sequences as traces."""
    starts = range(0, len(samples), SHOWN)
    if samples.ndim == 4:
        rows = {f"{start + 1}-": samples[start : start + SHOWN] for start in starts}
        _draw_images(path, rows, labels=False)
    else:
        figure, axes = _axes(len(starts), SHOWN, (2 * SHOWN, 2 * len(starts)))
        for axis, sample in zip(axes, samples, strict=True):
            axis.plot(sample, linewidth=1)
        figure.savefig(path)


def _draw_images(path: Path, rows: dict[str, np.ndarray], labels: bool = True) -> None:
    figure, axes = _axes(len(rows), SHOWN, (SHOWN, len(rows) + 0.2 * labels))
    for row, (label, images) in enumerate(rows.items()):
        for axis, image in zip(axes[row * SHOWN :], images[:SHOWN], strict=False):
            # Colour needs three channels; of any other number the first is shown.
            shown = image if image.shape[-1] == 3 else image[..., :1]
            axis.imshow(np.clip(shown, 0, 1), cmap="gray", vmin=0, vmax=1)
        if labels:
            axes[row * SHOWN].set_title(label, loc="left", fontsize="small")
    figure.savefig(path)


def _axes(rows: int, columns: int, inches: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=inches, layout="constrained", dpi=100)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axis in grid.flat:
        axis.set_axis_off()
    return figure, list(grid.flat)


def rows(results: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return the table of results as text: a row of column names, then a row for each result."""
    table: list[tuple[str, ...]] = [TABLE_COLUMNS]
    for result in results:
        figures, artefacts = result["figures"], result["artefacts"]
        tflite, int8 = artefacts[TFLITE_FILE], artefacts.get(file_name("int8"))
        table.append(
            (
                result["recipe"]["name"],
                str(result["latent_dim"]),
                f"{result['parameters']:,}",
                f"{figures['test_mse']:.4f}",
                f"{figures['test_mse_pca']:.4f}",
                f"{figures['test_mse_mean']:.4f}",
                f"{tflite['bytes']:,}",
                f"{largest_difference(tflite):.0e}",
                f"{int8['bytes']:,}" if int8 else "-",
                f"{int8['test_mse_over_keras'] - 1:+.1%}" if int8 else "-",
            )
        )
    return table


def csv_table(results: list[dict[str, Any]]) -> str:
    """Return a row for each artefact of each result, as comma-separated values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for result in results:
        recipe, figures = result["recipe"], result["figures"]
        for name, entry in result["artefacts"].items():
            writer.writerow(
                [
                    *(recipe[key] for key in ("name", "model", "data")),
                    result["latent_dim"],
                    result["parameters"],
                    name,
                    entry["bytes"],
                    f"{entry['test_mse']:.6f}",
                    f"{error_over_keras(entry):.5f}",
                    f"{largest_difference(entry):.1e}",
                    f"{figures['test_mse_pca']:.6f}",
                    f"{figures['test_mse_mean']:.6f}",
                ]
            )
    return text.getvalue()


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
    rule = ["---", *["---:" for _ in columns[1:]]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [columns, rule, *body])
