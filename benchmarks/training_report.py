"""What `benchmarks.training` prints and writes: tables, pictures, and whether aims are met."""

import json
import statistics
from importlib import metadata
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.table import Table

from recipes import recording

# Samples per second as a multiple of PyTorch's, and the other peer not to be slower than.
AIMS = {"dense": 3.0, "conv": 2.2, "lstm": 1.6, "vae": 2.5}
NOT_SLOWER = {"lstm": "compiled"}
# Share of the machine's rate of matrix products that training reaches.
GEMM_SHARE = {"dense": 0.45}
LABELS = {
    "zoo": "zoo",
    "keras": "Keras `fit`",
    "jax": "JAX, an epoch a call",
    "torch": "PyTorch, DataLoader",
    "compiled": "PyTorch compiled",
}
COLUMNS = ("network", "side", "samples/s", "of PyTorch", "last loss")
WAY_COLUMNS = ("network", "way", "samples/s", "of float32", "last loss")


def rows_of(results: dict[str, Any], other: str) -> list[tuple[str, ...]]:
    """Return a row for each network and side: medians, and the loss after the last round.

    Args:
        results: What `training.compare` returned for each network.
        other: The side that the others' speeds are multiples of.
    """
    rows = []
    for network, found in results.items():
        for side, speeds in found["speeds"].items():
            median = statistics.median(speeds)
            ratio, loss = ratio_of(found, side, other), found["losses"][side][-1]
            label = LABELS.get(side, side)
            rows.append((network, label, f"{median:,.0f}", f"{ratio:.2f}", f"{loss:.5f}"))
    return rows


def ratio_of(found: dict[str, Any], peer: str, other: str) -> float:
    """Return the median over rounds of one side's speed over another's."""
    pairs = zip(found["speeds"][peer], found["speeds"][other], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


def gemm_share(found: dict[str, Any]) -> float:
    """Return which share of the rate of matrix products a dense network's training reaches.

    Counted are 6 operations for each weight and sample: a product forward and two backward.
    """
    speeds = found["speeds"]["zoo"]
    shares = zip(speeds, found["sgemm"], strict=True)
    return statistics.median(6 * found["parameters"] * speed / rate for speed, rate in shares)


def aims_of(results: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each aim: network, what is aimed at, what was reached, and whether."""
    rows = []
    for network, found in results.items():
        aims = [("times PyTorch", AIMS[network], ratio_of(found, "zoo", "torch"))]
        if network in NOT_SLOWER:
            ratio = ratio_of(found, "zoo", NOT_SLOWER[network])
            aims.append(("times PyTorch compiled", 1.0, ratio))
        if network in GEMM_SHARE:
            aims.append(("of the rate of SGEMM", GEMM_SHARE[network], gemm_share(found)))
        for what, least, reached in aims:
            verdict = "met" if reached >= least else "missed"
            rows.append((network, f"at least {least:g} {what}", f"{reached:.2f}", verdict))
    return rows


def print_results(results: dict[str, Any]) -> None:
    """Print the tables of the report."""
    console = Console(highlight=False)
    for columns, rows in (
        (COLUMNS, rows_of(results, "torch")),
        (("network", "aim", "reached", ""), aims_of(results)),
    ):
        table = Table(*columns, box=box.SIMPLE_HEAD)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write(folder: Path, found: dict[str, Any]) -> None:
    """Write `report.md`, its pictures, and `report.json` with every round into a folder.

    Args:
        folder: Where to.
        found: `networks` and `ways`, what `training.compare` returned for each network; `costs`;
            `memory`, peaks in MB by samples; `startup`, seconds by command.
    """
    results, startup = found["networks"], found["startup"]
    _plot_networks(folder / "training.png", results)
    environment = recording.environment()
    cpu, gpus = environment["hardware"]["cpu"], environment["hardware"]["gpus"]
    versions = environment["versions"] | {name: metadata.version(name) for name in ("torch", "jax")}
    rounds = len(next(iter(results.values()))["sgemm"])
    rate = statistics.median(rate for one in results.values() for rate in one["sgemm"])
    parts = [
        "# Training speed",
        "Written by `make bench`, each round in `report.json`. Hardware: "
        f"{', '.join([cpu, *gpus])}, whose rate in a large float32 matrix product "
        f"is {rate / 1e9:,.0f} GFLOP/s. Versions: "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ".",
        "Batch 128, Adam, MSE, MNIST, shuffled afresh each epoch; sides take turns of an epoch. "
        f"Medians over {rounds} rounds; ratios are taken within a round.",
        _markdown(COLUMNS, rows_of(results, "torch")),
        "![Samples per second by network and side](training.png)",
        "## Aims",
        _markdown(("network", "aim", "reached", ""), aims_of(results)),
        "## Precision, and samples in a file",
        "`zoo train --precision`; and samples larger than memory, which are read from a file. "
        "The loss is that of training.",
        _markdown(
            ("network", "way", "samples/s", "of float32", "last loss"),
            rows_of(found["ways"], "float32"),
        ),
    ]
    if found["costs"]:
        _plot_costs(folder / "training_costs.png", found["costs"])
        parts += ["## Against sizes, dense network", "![Cost against sizes](training_costs.png)"]
    if found["memory"]:
        peaks = [(f"{count:,}", f"{peak:,.0f}") for count, peak in found["memory"].items()]
        parts += [
            "## Memory",
            "Peak of `zoo train dense_mnist --data FILE.npy`, on images of 28 x 28; aimed at: at "
            "most 300 MB more for the larger number.",
            _markdown(("samples", "MB"), peaks),
        ]
    parts += [
        "## Starting up",
        "Seconds more than a Python that does nothing takes; aimed at: at most 0.3.",
        _markdown(("", "s"), [(name, f"{seconds:.2f}") for name, seconds in startup.items()]),
    ]
    (folder / "report.md").write_text("\n\n".join(parts) + "\n")
    (folder / "report.json").write_text(json.dumps(found, indent=1) + "\n")


def _markdown(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _plot_networks(path: Path, results: dict[str, Any]) -> None:
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    peers = list(LABELS)
    for i, peer in enumerate(peers):
        ratios = [ratio_of(found, peer, "torch") for found in results.values()]
        places = [k + (i - 2) * 0.16 for k in range(len(results))]
        axes.bar(places, ratios, 0.15, label=LABELS[peer].replace("`", ""))
    axes.set_xticks(range(len(results)), list(results))
    axes.axhline(1, color="grey", linewidth=0.8)
    axes.set_ylabel("samples per second, times PyTorch's")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def _plot_costs(path: Path, costs: dict[str, list[tuple[int, dict[str, float]]]]) -> None:
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    for axes, (size, points) in zip(
        figure.subplots(1, len(costs), sharey=True), costs.items(), strict=True
    ):
        for peer in ("zoo", "torch"):
            costs_of_peer = [1e6 / speeds[peer] for _, speeds in points]
            axes.plot([value for value, _ in points], costs_of_peer, "o-", label=LABELS[peer])
        axes.set_xscale("log")
        axes.set_xticks([value for value, _ in points], [f"{value:,}" for value, _ in points])
        axes.minorticks_off()
        axes.set_yscale("log")
        axes.set_xlabel(size.replace("_", " "))
    figure.axes[0].set_ylabel("microseconds per sample")
    figure.axes[0].legend(frameon=False)
    figure.savefig(path, dpi=120)
