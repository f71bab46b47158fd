"""Pictures of a result: training, reconstructions, samples, traversals and anomalies.

Their background is transparent and their text grey, to be read on light and on dark pages.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Samples in a row.
SHOWN = 10
GREY = "#808890"
# Largest value in a traversal, in standard deviations of the prior.
REACH = 2.5
# Values of the code that are traversed.
UNITS = 6


def draw_loss(path: Path, history: Mapping[str, list[float]]) -> None:
    """Draw training and validation MSE over the epochs, on a logarithmic scale."""
    figure, axes = _axes(1, 1, (6, 4))
    epochs = range(1, len(history["mse"]) + 1)
    axes[0].plot(epochs, history["mse"], label="training")
    axes[0].plot(epochs, history["val_mse"], label="validation")
    axes[0].set(xlabel="epoch", ylabel="mean squared error", yscale="log")
    axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(axes[0])
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
            _draw_traces(axis, {label: series[i] for label, series in rows.items()})
        _legend(axes[0])
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
            _draw_traces(axis, {"": sample})
        figure.savefig(path)


def traversals(means: np.ndarray) -> np.ndarray:
    """Return codes in which one value after the other runs through the prior, the others at 0.

    Args:
        means: Codes of samples, `(samples, *code_shape)`.

    Returns:
        `(values * SHOWN, *code_shape)`, for the values of the code that vary most over the samples,
        at most `UNITS`.
    """
    flat = means.reshape(len(means), -1)
    units = np.argsort(-flat.var(axis=0))[:UNITS]
    codes = np.zeros((len(units), SHOWN, flat.shape[1]), "float32")
    for row, unit in zip(codes, units, strict=True):
        row[:, unit] = np.linspace(-REACH, REACH, SHOWN)
    return codes.reshape(-1, *means.shape[1:])


def draw_detection(
    path: Path,
    samples: np.ndarray,
    reconstructions: np.ndarray,
    scores: np.ndarray,
    anomalous: np.ndarray,
    threshold: float,
) -> None:
    """Draw normal samples over anomalies, each with its reconstruction and its score.

    Of each kind samples are shown that lie evenly spread over the data, which may be sorted.

    Args:
        path: Where to.
        samples: `(samples, *sample_shape)`, images or sequences.
        reconstructions: The same shape; of images they stand on the right.
        scores: `(samples,)`.
        anomalous: Whether each sample is an anomaly.
        threshold: Score above which a sample is taken for one.
    """
    count, images = SHOWN // 2, samples.ndim == 4
    kinds = {"normal": np.flatnonzero(~anomalous), "anomaly": np.flatnonzero(anomalous)}
    figure, axes = _axes(2, count, (3 * count, 4 if images else 5.5))
    figure.suptitle(
        f"{'input and reconstruction; ' if images else ''}threshold {threshold:.3g}", color=GREY
    )
    for row, (kind, places) in enumerate(kinds.items()):
        spread = np.linspace(0, len(places) - 1, min(count, len(places)))
        for axis, i in zip(axes[row * count :], places[spread.astype(int)], strict=False):
            if images:
                _show(axis, np.concatenate([samples[i], reconstructions[i]], axis=1))
            else:
                _draw_traces(axis, {"input": samples[i], "reconstruction": reconstructions[i]})
            axis.set_title(f"{kind}, error {scores[i]:.3g}", fontsize="medium", color=GREY)
    if not images:
        _legend(axes[0])
    figure.savefig(path)


def _draw_images(path: Path, rows: Mapping[str, np.ndarray], labels: bool = True) -> None:
    figure, axes = _axes(len(rows), SHOWN, (SHOWN, len(rows) + 0.2 * labels))
    for row, (label, images) in enumerate(rows.items()):
        for axis, image in zip(axes[row * SHOWN :], images[:SHOWN], strict=False):
            _show(axis, image)
        if labels:
            axes[row * SHOWN].set_title(label, loc="left", fontsize="small", color=GREY)
    figure.savefig(path)


def _show(axis: Axes, image: np.ndarray) -> None:
    # Colour needs three channels; of any other number the first is shown.
    shown = image if image.shape[-1] == 3 else image[..., :1]
    axis.imshow(np.clip(shown, 0, 1), cmap="gray", vmin=0, vmax=1)


def _draw_traces(axis: Axes, traces: Mapping[str, np.ndarray]) -> None:
    for label, series in traces.items():
        axis.plot(series, label=label, linewidth=1)
    axis.set_axis_on()


def _legend(axis: Axes) -> None:
    axis.legend(*axis.get_legend_handles_labels(), fontsize="small", labelcolor=GREY, framealpha=0)


def _axes(rows: int, columns: int, inches: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=inches, layout="constrained", dpi=100, facecolor="none")
    grid = figure.subplots(rows, columns, squeeze=False)
    for axis in grid.flat:
        axis.set_facecolor("none")
        axis.tick_params(which="both", colors=GREY)
        for part in (axis.xaxis.label, axis.yaxis.label):
            part.set_color(GREY)
        for spine in axis.spines.values():
            spine.set_color(GREY)
        axis.set_axis_off()
    return figure, list(grid.flat)
