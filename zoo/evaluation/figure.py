"""What is known of a figure: its meaning, what it needs, how it is computed and shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zoo.evaluation.baseline_table import BASELINES
from zoo.evaluation.figure_requirements import Need

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder
    from zoo.data import Dataset
    from zoo.evaluation.model_outputs import Outputs


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of a model on the test split.

    Attributes:
        label: Short name, for tables.
        meaning: What it is and how it is measured, in a sentence.
        unit: Unit of its values; empty for a pure number.
        direction: Which values are better; None where neither is.
        compute: Returns its value for what a model or a baseline makes of the data.
        needs: Conditions on the model and the data; where one fails, the figure is left out.
        baselines: Names of the baselines that have this figure, too.
        form: Format of its value.
        spread_form: Format of its mean over seeds and of their standard deviation; empty for the
            same as of a value.
        of_reconstructions: Whether reconstructions of the test split are enough to compute it.
        has_ratios: Whether its ratio to each baseline's value is a figure, `<figure>_over_<name>`.
    """

    label: str
    meaning: str
    unit: str = ""
    direction: Literal["lower", "higher"] | None
    compute: Callable[["Outputs"], float]
    needs: tuple[Need, ...] = ()
    baselines: tuple[str, ...] = ()
    form: str = ".4f"
    spread_form: str = ""
    of_reconstructions: bool = False
    has_ratios: bool = False

    def applies(self, model: "Autoencoder", dataset: "Dataset") -> bool:
        """Return whether the model and the data have what the figure needs."""
        return all(need.holds(model, dataset) for need in self.needs)

    def strongest(self, name: str, figures: Mapping[str, float]) -> str | None:
        """Return the baseline with the best value of the figure; None where there is none.

        Args:
            name: Name of the figure.
            figures: Values by their names, those of baselines among them.
        """
        known = [b for b in self.baselines if f"{name}_{b}" in figures]
        if not known or self.direction is None:
            return None
        choose = min if self.direction == "lower" else max
        return choose(known, key=lambda baseline: figures[f"{name}_{baseline}"])

    def show(self, value: float) -> str:
        """Return a value of it as text."""
        return format(value, self.form)


def split_name(name: str) -> tuple[str, str]:
    """Return the figure and the baseline in the name of a value.

    Args:
        name: Such as `test_mse`, `test_mse_pca` or `test_mse_over_pca`.

    Returns:
        The name of the figure, or that of the ratio (`test_mse_over_pca`) since that is one of its
        own; and the baseline whose value it is, empty for the model's.
    """
    figure, _, baseline = name.rpartition("_")
    if baseline in BASELINES and not figure.endswith("_over"):
        return figure, baseline
    return name, ""
