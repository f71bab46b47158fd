"""`zoo.train`: the stages in order: load, train, evaluate, export, verify, record."""

import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from zoo import data, evaluation, recipe_book, registry, training
from zoo.artefact_names import CARD, KERAS_FILE, SAVED_MODEL, TFLITE_FILE
from zoo.autoencoder import Autoencoder
from zoo.errors import GateError, InputError
from zoo.exporting import custom_layer_files, fresh_process, keras_file, saved_model, tflite
from zoo.pipeline.output_folder import replacing, unfinished_beside
from zoo.pipeline.pictures import draw
from zoo.recipe import Precision, Recipe, Strategy
from zoo.results.card import card
from zoo.results.headline_figure import headline
from zoo.results.result import write_result
from zoo.training.run_environment import environment
from zoo.write_errors import writing

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trained:
    """What `zoo.train` hands back.

    Attributes:
        folder: The folder that holds the model in all its formats.
        model: The trained model, uncompiled.
        result: What `result.json` in the folder holds.
    """

    folder: Path
    model: Autoencoder
    result: dict[str, Any]


def train(
    recipe: Recipe | str | os.PathLike,
    *,
    out: str | os.PathLike = "saved_models",
    strategy: Strategy = "auto",
    precision: Precision = "float32",
    variants: Sequence[str] | None = None,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> Trained:
    """Train a recipe, export and verify the model, and write `out/<recipe name>/`.

    Nothing is written unless every gate holds. Seeds that were trained before an interruption are
    not trained again.

    Args:
        recipe: A recipe, the name of one in the book, or the path of a recipe file.
        out: Folder to put the recipe's folder in; an earlier one of that name is replaced.
        strategy: `auto`, `single` or `mirrored`, see `zoo.training.make_strategy`.
        precision: What training computes in: `float32`, `mixed_bfloat16` or `mixed_float16`.
        variants: TFLite files to write, see `zoo.exporting.tflite_variants`, fp32 among them; None
            writes all that the model has.
        data_dir: Where the data are, see `zoo.data.load`.
        download: Fetch missing data, see `zoo.data.load`.

    Returns:
        The folder, the model and the result.

    Raises:
        InputError: Something passed in is wrong, or the folder cannot be written.
        GateError: The model or a file missed a gate; earlier files are untouched. After a file's
            gate, a call that differs in `variants` alone does not train again.
    """
    if not isinstance(recipe, Recipe):
        recipe = recipe_book.get(os.fspath(recipe))
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"Recipes need Keras's tensorflow backend, but got {keras.backend.backend()!r}: "
            "unset KERAS_BACKEND."
        )
    if variants is not None and "fp32" not in variants:
        raise InputError(f"variants must hold fp32, but got {', '.join(variants)}.")
    target = Path(out, recipe.name)
    where = environment()
    task = {**recipe.to_json(), "versions": where["versions"], "hardware": where["hardware"]}
    task |= {"strategy": strategy, "precision": precision}
    with (
        replacing(target) as folder,
        unfinished_beside(target, task) as unfinished,
        tempfile.TemporaryDirectory() as scratch,
    ):
        dataset = data.for_recipe(recipe, data_dir=data_dir, download=download, scratch=scratch)
        # What would fail after training is found out before it.
        fresh_process.refuse_nested()
        shape = dataset.train.shape[1:]
        untrained = registry.build(recipe.model, input_shape=shape, **recipe.arguments)
        tflite.check_variants(untrained, variants)
        custom_layer_files.files_of(untrained)
        logger.info(
            "Training %s: model %s on %s, %d samples", recipe.name, recipe.model, recipe.data,
            len(dataset.train),
        )  # fmt: skip
        trained = training.train(recipe, dataset, strategy, precision, unfinished)
        try:
            figures = _evaluate(recipe, trained, dataset)
        except GateError:
            # Trained again it would miss them again.
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        artefacts = _export(recipe, trained.model, dataset, folder, variants)
        result = {
            "recipe": recipe.to_json(),
            **where,
            "strategy": trained.strategy,
            "precision": precision,
            "batch_size": trained.batch_size,
            "data": dataset.describe(),
            "parameters": trained.model.count_params(),
            "multiply_adds": evaluation.multiply_adds(trained.model),
            "latent_dim": trained.model.latent_dim,
            "code_shape": list(trained.model.code_shape),
            "training_seconds": sum(run["seconds"] for run in trained.runs),
            "runs": trained.runs,
            "chosen_run": trained.chosen,
            "headline": headline(recipe.goal, recipe.reference, figures, trained.runs),
            "figures": figures,
            "artefacts": artefacts,
        }
        threshold = artefacts[TFLITE_FILE].get("threshold")
        with writing(target.parent):
            write_result(folder, result)
            (folder / CARD).write_text(card(result), encoding="utf-8")
            draw(folder, trained.model, dataset, trained.history, threshold)
    return Trained(target, trained.model, result)


def _evaluate(
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
    if missed := missed_gates(recipe, figures):
        raise GateError(recipe.name, missed)
    return figures


def _export(
    recipe: Recipe,
    model: Autoencoder,
    dataset: data.Dataset,
    folder: Path,
    variants: Sequence[str] | None,
) -> dict[str, dict[str, Any]]:
    """Write the model in all formats, and return what verification measured of each."""
    logger.info("Exporting and verifying: Keras, SavedModel, TFLite")
    with writing(folder.parent):
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
        )
    except GateError:
        logger.info("The trained model is kept: run the command again with other --variants")
        raise


def missed_gates(recipe: Recipe, figures: dict[str, float]) -> list[str]:
    """Return a sentence for every gate of the recipe that its figures miss."""
    missed = []
    for gate in recipe.gates:
        if gate.figure not in figures:
            missed.append(f"{gate} has no such figure among {', '.join(figures)}")
        elif not gate.holds(figures[gate.figure]):
            missed.append(f"{gate} is missed with {figures[gate.figure]:.4g}")
    return missed
