"""Figures of a trained model on the test split, and those of baselines beside them."""

from collections.abc import Callable, Mapping

import numpy as np

from zoo.autoencoder import Autoencoder
from zoo.data import Dataset
from zoo.evaluation.baseline_table import BASELINES
from zoo.evaluation.evaluated_method import Method
from zoo.evaluation.figure import Figure
from zoo.evaluation.figure_requirements import NORMAL_CLASS
from zoo.evaluation.figure_table import FIGURES
from zoo.evaluation.model_outputs import Inputs, Outputs, method_of

# An error below this is only rounding, such as that of PCA with a component for each value: a ratio
# to it says nothing.
ROUNDING = 1e-9


def evaluate(model: Autoencoder, dataset: Dataset, beside: Mapping[str, float]) -> dict[str, float]:
    """Return the figures of a model on the test split.

    Args:
        model: A trained model. One that corrupts its input is judged on corrupted samples, and
            detects anomalies among clean ones.
        dataset: Its data.
        beside: The figures of its `baselines`.

    Returns:
        Those of `FIGURES` that apply to the model and the data, by their names; and the ratios to
        the baselines, such as `test_mse_over_pca`.
    """
    outputs = Outputs(method_of(model), Inputs(model, dataset))
    found = {}
    for name, figure in _applicable(model, dataset).items():
        found[name] = figure.compute(outputs)
        for baseline in figure.baselines if figure.has_ratios else ():
            reference = beside.get(f"{name}_{baseline}", 0)
            if reference > ROUNDING:
                found[f"{name}_over_{baseline}"] = found[name] / reference
    return found


def baselines(model: Autoencoder, dataset: Dataset) -> dict[str, float]:
    """Return the figures of the baselines, which need no trained model.

    Args:
        model: The model to compare with; its weights do not matter.
        dataset: Its data. Baselines are fitted as `baseline_table` says, on the first
            `memmap_reading.CHUNK_BYTES` of a split in a file.

    Returns:
        For each of `BASELINES` that applies, the figures that name it, such as `test_mse_pca`.
    """
    inputs = Inputs(model, dataset)
    applicable = _applicable(model, dataset)
    found = {}
    for baseline, entry in BASELINES.items():
        figures = {name: f for name, f in applicable.items() if baseline in f.baselines}
        if figures and all(need.holds(model, dataset) for need in entry.needs):
            outputs = Outputs(entry.fit(inputs), inputs)
            found |= {f"{name}_{baseline}": f.compute(outputs) for name, f in figures.items()}
    return found


def measures(
    figure: str, model: Autoencoder, dataset: Dataset
) -> dict[str, Callable[[np.ndarray], float]]:
    """Return the function that computes a figure from a file's reconstructions, by its name.

    Args:
        figure: Name of the figure that the model is known by.
        model: The model that the file was exported from.
        dataset: Its data.

    Returns:
        A function of the reconstructions of the test inputs. Nothing for `test_mse`, which is
        measured of each file anyway, and for a figure that needs more, such as codes.
    """
    entry = FIGURES.get(figure)
    if entry is None or figure == "test_mse" or not entry.of_reconstructions:
        return {}
    inputs = Inputs(model, dataset)
    # Anomalies are detected among clean samples, and the reconstructions are of corrupted ones.
    if not entry.applies(model, dataset) or (inputs.corrupted and NORMAL_CLASS in entry.needs):
        return {}

    def measure(reconstructions: np.ndarray) -> float:
        return entry.compute(Outputs(Method(reconstruct=lambda _: reconstructions), inputs))

    return {figure: measure}


def _applicable(model: Autoencoder, dataset: Dataset) -> dict[str, Figure]:
    return {name: figure for name, figure in FIGURES.items() if figure.applies(model, dataset)}
