"""The figures that a recipe names in its gates and its goal: whether they apply, and hold."""

import logging
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from zoo import name_matching
from zoo.errors import InputError
from zoo.evaluation.baseline_table import BASELINES
from zoo.evaluation.figure_table import FIGURES
from zoo.option_words import options
from zoo.quality_gate import Gate
from zoo.recipe import TEST_MSE, Recipe

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder
    from zoo.data import Dataset

logger = logging.getLogger(__name__)


def check_gates(recipe: Recipe, model: "Autoencoder", dataset: "Dataset") -> None:
    """Check before training that each gate names a figure that the model and the data will have.

    Raises:
        InputError: There is no figure of that name, or it needs what the model or the data lack.
    """
    for gate in recipe.gates:
        lacking = _lacking(gate.figure, model, dataset)
        if lacking:
            raise InputError(
                f"The gate {gate} needs {lacking}, unlike the model {recipe.model!r} on "
                f"{dataset.name!r}: use --gates '[]' (gates=())."
            )


def goal_of(recipe: Recipe, model: "Autoencoder", dataset: "Dataset") -> Gate:
    """Return the goal of a recipe, or the test MSE in its place where its figure does not apply.

    Raises:
        InputError: There is no figure of that name.
    """
    name_matching.match(recipe.goal.figure, FIGURES, "figure", any_case=False)
    if lacking := _lacking(recipe.goal.figure, model, dataset):
        logger.warning(
            "The goal names %s, which needs %s, unlike the model %r on %r: test_mse takes its "
            "place.", recipe.goal.figure, lacking, recipe.model, dataset.name,
        )  # fmt: skip
        return TEST_MSE
    return recipe.goal


def missed_gates(recipe: Recipe, figures: Mapping[str, float]) -> list[str]:
    """Return a sentence for every gate of the recipe that its figures miss."""
    missed = []
    for gate in recipe.gates:
        if gate.figure not in figures:
            missed.append(f"{gate} has no such figure among {', '.join(figures)}")
        elif not gate.holds(figures[gate.figure]):
            missed.append(f"{gate} is missed with {figures[gate.figure]:.4g}")
    return missed


def worse_than(figures: Mapping[str, float]) -> list[str]:
    """Return what a model's figures lose to although it takes no model, in words.

    A detector loses to chance where its ROC AUC is at most 0.5. Any other model loses to the
    training mean, or to the noisy input, where its test MSE is no smaller.
    """
    if "auc" in figures:
        return ["chance"] if figures["auc"] <= 0.5 else []
    return [
        f"the {BASELINES[name].label}"
        for name in ("mean", "noisy")
        if figures["test_mse"] >= figures.get(f"test_mse_{name}", math.inf)
    ]


def doubts(recipe: Recipe, figures: Mapping[str, float]) -> list[str]:
    """Return a sentence where the figures of a trained model say that it is of no use."""
    longer = options(epochs=10 * recipe.epochs)
    advice = f"train it longer, such as {longer}, or choose another model"
    lost = [
        f"The model is no better than {label} after {recipe.epochs} epochs at most: {advice}."
        for label in worse_than(figures)
    ]
    if not lost and figures.get("test_mse_over_pca", 0) > 1 and "auc" not in figures:
        lost.append(
            "PCA with a code of the same size reconstructs better, with a test MSE of "
            f"{figures['test_mse_pca']:.4g} against {figures['test_mse']:.4g}: {advice}."
        )
    return lost


def _lacking(name: str, model: "Autoencoder", dataset: "Dataset") -> str:
    """Return what a named value needs and lacks, in words; empty where it applies.

    Raises:
        InputError: There is no value of that name.
    """
    figure, baseline = _parts(name)
    needs = [*FIGURES[figure].needs, *(BASELINES[baseline].needs if baseline else ())]
    return " and ".join(need.words for need in needs if not need.holds(model, dataset))


def _parts(name: str) -> tuple[str, str]:
    """Return the figure and the baseline in the name of a value or of a ratio of two."""
    known = {}
    for figure, entry in FIGURES.items():
        known[figure] = (figure, "")
        for baseline in entry.baselines:
            known[f"{figure}_{baseline}"] = (figure, baseline)
            if entry.has_ratios:
                known[f"{figure}_over_{baseline}"] = (figure, baseline)
    return known[name_matching.match(name, known, "figure", any_case=False)]
