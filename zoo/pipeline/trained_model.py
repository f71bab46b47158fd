"""What becomes of the trained models of a recipe: their figures, and the files of the best one."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo import data, evaluation, training
from zoo.artefact_names import KERAS_FILE, SAVED_MODEL
from zoo.autoencoder import Autoencoder
from zoo.errors import GateError
from zoo.evaluation import recipe_figures
from zoo.exporting import keras_file, saved_model, tflite
from zoo.recipe import Recipe
from zoo.write_errors import writing

logger = logging.getLogger(__name__)


def evaluate_runs(
    recipe: Recipe, trained: training.Training, dataset: data.Dataset
) -> dict[str, float]:
    """Return the chosen model's figures beside baselines; put those of each run into its entry.

    Raises:
        GateError: The figures miss a gate of the recipe.
    """
    logger.info("Evaluating beside baselines")
    beside = evaluation.baselines(trained.model, dataset)
    for model, run in zip(trained.models, trained.runs, strict=True):
        run["figures"] = evaluation.evaluate(model, dataset, beside) if model else None
    figures = {**trained.runs[trained.chosen]["figures"], **beside}
    if missed := recipe_figures.missed_gates(recipe, figures):
        raise GateError(recipe.name, missed)
    for doubt in recipe_figures.doubts(recipe, figures):
        logger.warning("%s", doubt)
    return figures


def export_model(
    recipe: Recipe,
    model: Autoencoder,
    dataset: data.Dataset,
    folder: Path,
    variants: Sequence[str] | None,
    tolerance: float | None,
) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Write the model in all formats; return what was measured of each, and what was left out."""
    logger.info("Exporting and verifying: Keras, SavedModel, TFLite")
    with writing(folder.parent.parent):
        keras_file.write(model, folder / KERAS_FILE)
        saved_model.write(model, folder / SAVED_MODEL)
    try:
        return tflite.write(
            folder,
            model,
            recipe.to_json(),
            dataset,
            tflite.check_variants(model, variants),
            artefacts=(KERAS_FILE, SAVED_MODEL),
            per_channel=recipe.per_channel,
            tolerance=tolerance,
            own_data=data.is_own(recipe.data),
        )
    except GateError:
        logger.info("The trained model is kept: run again with other --variants or --tolerance")
        raise
