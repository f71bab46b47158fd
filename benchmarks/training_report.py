"""What `benchmarks.training` prints and writes: tables, pictures, and whether aims are met."""

import json
import statistics
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.training_pictures import plot_costs, plot_networks

# Zoo's samples per second as a multiple of another side's, by side and network.
AIMS = {
    "keras_best": {"dense": 1.3, "vae": 1.3, "lstm": 1.3},
    "torch": {"dense": 3.0, "conv": 2.2, "lstm": 1.6, "vae": 2.5},
    "compiled": {"lstm": 1.0},
}
# Share of the machine's rate of matrix products that training reaches.
GEMM_SHARE = {"dense": 0.45}
LABELS = {
    "zoo": "zoo",
    "keras_best": "Keras, best setting",
    "keras": "Keras `fit`",
    "jax": "JAX, an epoch a call",
    "torch": "PyTorch, DataLoader",
    "compiled": "PyTorch compiled",
}
COLUMNS = ("network", "side", "samples/s", "zoo's over it", "last loss")
WAY_COLUMNS = ("network", "way", "samples/s", "over float32's", "last loss")
AIM_COLUMNS = ("network", "aim", "reached", "")

Found = dict[str, Any]


def rows_of(results: Found, ratio: Callable[[Found, str], float]) -> list[tuple[str, ...]]:
    """Return a row for each network and side: medians, and the loss after the last round.

    Args:
        results: What `rounds.compare` returned for each network.
        ratio: Returns the ratio to show from a network's results and a side.
    """
    rows = []
    for network, found in results.items():
        for side, speeds in found["speeds"].items():
            median, loss = statistics.median(speeds), found["losses"][side][-1]
            label, shown = LABELS.get(side, side), f"{ratio(found, side):.2f}"
            rows.append((network, label, f"{median:,.0f}", shown, f"{loss:.5f}"))
    return rows


def ratio_of(found: Found, side: str, other: str) -> float:
    """Return the median over rounds of one side's speed over another's."""
    pairs = zip(found["speeds"][side], found["speeds"][other], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


def gemm_share(found: Found) -> float:
    """Return which share of the rate of matrix products a dense network's training reaches.

    Counted are 6 operations for each weight and sample: a product forward and two backward.
    """
    speeds = found["speeds"]["zoo"]
    shares = zip(speeds, found["sgemm"], strict=True)
    return statistics.median(6 * found["parameters"] * speed / rate for speed, rate in shares)


def aims_of(results: Found) -> list[tuple[str, ...]]:
    """Return a row for each aim: network, aim, what was reached, and `met` or `missed`."""
    rows = []
    for network, found in results.items():
        aims = [
            (f"times {LABELS[side]}", least[network], ratio_of(found, "zoo", side))
            for side, least in AIMS.items()
            if network in least and side in found["speeds"]
        ]
        if network in GEMM_SHARE:
            aims.append(("of the rate of SGEMM", GEMM_SHARE[network], gemm_share(found)))
        for what, least, reached in aims:
            verdict = "met" if reached >= least else "missed"
            rows.append((network, f"at least {least:g} {what}", f"{reached:.2f}", verdict))
    return rows


def print_results(results: Found) -> None:
    """Print the tables of the report."""
    console = Console(highlight=False)
    for columns, rows in ((COLUMNS, _side_rows(results)), (AIM_COLUMNS, aims_of(results))):
        table = Table(*columns, box=box.SIMPLE_HEAD)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write_json(folder: Path, found: Found) -> None:
    """Write `report.json`, with every round, in whole or not at all."""
    scratch = folder / ".report.json"
    scratch.write_text(json.dumps(found, indent=1) + "\n")
    scratch.replace(folder / "report.json")


def write(folder: Path, found: Found) -> None:
    """Write `report.json`, `report.md` and its pictures into a folder.

    Args:
        folder: Where to.
        found: `asked`, the `networks`, `sides` and `rounds` that were to be measured; `networks`
            and `ways`, what `rounds.compare` returned for each network; `costs`, for each size its
            values and speeds; `memory`, peaks in MB by samples; `startup`, seconds by command. All
            but `networks` may be empty.
    """
    from zoo.training.run_environment import environment

    write_json(folder, found)
    results = found["networks"]
    sides = next(iter(results.values()))["speeds"]
    bars = {
        LABELS[side]: [ratio_of(one, side, "zoo") for one in results.values()] for side in sides
    }
    plot_networks(folder / "training.png", bars, list(results))
    if found["costs"]:
        plot_costs(folder / "training_costs.png", found["costs"], LABELS)
    text = "\n\n".join(_parts(found, environment()))
    (folder / "report.md").write_text(f"{text}\n")


def _parts(found: Found, environment: dict[str, Any]) -> list[str]:
    """Return the paragraphs of `report.md`."""
    results = found["networks"]
    cpu, gpus = environment["hardware"]["cpu"], environment["hardware"]["gpus"]
    versions = environment["versions"] | {
        distribution.name: distribution.version
        for distribution in metadata.distributions()
        if distribution.name in ("torch", "jax")
    }
    rate = statistics.median(rate for one in results.values() for rate in one["sgemm"])
    asked, counts = found["asked"], {name: len(one["sgemm"]) for name, one in results.items()}
    parts = [
        "# Training speed",
        "Written by `make bench`, with every round in `report.json`. Hardware: "
        f"{', '.join([cpu, *gpus])}, whose rate in a large float32 matrix product is "
        f"{rate / 1e9:,.0f} GFLOP/s. Versions: "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ".",
        "Batch 128, Adam, MSE, MNIST, shuffled anew in each epoch; sides take turns of an epoch. "
        f"Medians over {asked['rounds']} rounds; ratios are taken within a round.",
    ]
    if any(counts.get(name, 0) < asked["rounds"] for name in asked["networks"]):
        finished = ", ".join(f"{name} {counts.get(name, 0)}" for name in asked["networks"])
        parts.append(f"**It was interrupted**: finished rounds were {finished}.")
    parts += [
        _markdown(COLUMNS, _side_rows(results)),
        "![Samples per second by network and side](training.png)",
        "## Aims",
        _markdown(AIM_COLUMNS, aims_of(results)),
    ]
    if found["ways"]:
        rows = rows_of(found["ways"], lambda one, way: ratio_of(one, way, "float32"))
        parts += [
            "## Precision, and samples in a file",
            "`zoo train --precision`; and samples larger than memory, which are read from a file. "
            "The loss is that of training.",
            _markdown(WAY_COLUMNS, rows),
        ]
    if found["costs"]:
        parts += ["## Against sizes, dense network", "![Cost against sizes](training_costs.png)"]
    if found["memory"]:
        peaks = [(f"{int(count):,}", f"{peak:,.0f}") for count, peak in found["memory"].items()]
        parts += [
            "## Memory",
            "Peak of `zoo train dense_mnist --data FILE.npy`, on images of 28 x 28. The aim: at "
            "most 300 MB more for the larger number.",
            _markdown(("samples", "MB"), peaks),
        ]
    if found["startup"]:
        seconds = [(name, f"{seconds:.2f}") for name, seconds in found["startup"].items()]
        parts += [
            "## Starting up",
            "Seconds more than a Python that does nothing takes. The aim: at most 0.3.",
            _markdown(("", "s"), seconds),
        ]
    return parts


def _side_rows(results: Found) -> list[tuple[str, ...]]:
    return rows_of(results, lambda one, side: ratio_of(one, "zoo", side))


def _markdown(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
