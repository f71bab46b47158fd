"""The pictures of the report that `benchmarks.training` writes."""

from pathlib import Path

from matplotlib.figure import Figure


def plot_networks(path: Path, bars: dict[str, list[float]], networks: list[str]) -> None:
    """Draw bars of the sides' speeds for each network.

    Args:
        path: The file to write.
        bars: For each side's label its speed as a multiple of zoo's, one for each network.
        networks: Names of the networks.
    """
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    width = 0.8 / len(bars)
    for i, (label, ratios) in enumerate(bars.items()):
        places = [k + (i - (len(bars) - 1) / 2) * width for k in range(len(networks))]
        axes.bar(places, ratios, 0.94 * width, label=label.replace("`", ""))
    axes.set_xticks(range(len(networks)), networks)
    axes.axhline(1, color="grey", linewidth=0.8)
    axes.set_ylabel("samples per second, as a multiple of zoo's")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def plot_costs(
    path: Path, costs: dict[str, list[tuple[int, dict[str, float]]]], labels: dict[str, str]
) -> None:
    """Draw the time per sample of the dense network against sizes.

    Args:
        path: The file to write.
        costs: For each size its values, and for each value the sides' samples per second.
        labels: The sides' labels.
    """
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    for axes, (size, points) in zip(
        figure.subplots(1, len(costs), sharey=True, squeeze=False)[0], costs.items(), strict=True
    ):
        values = [value for value, _ in points]
        for side in points[0][1]:
            microseconds = [1e6 / speeds[side] for _, speeds in points]
            axes.plot(values, microseconds, "o-", label=labels[side])
        axes.set_xscale("log")
        axes.set_xticks(values, [f"{value:,}" for value in values])
        axes.minorticks_off()
        axes.set_yscale("log")
        axes.set_xlabel(size.replace("_", " "))
    figure.axes[0].set_ylabel("microseconds per sample")
    figure.axes[0].legend(frameon=False)
    figure.savefig(path, dpi=120)
