"""The stages in order: load, train, evaluate, export, verify, record."""

import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

import zoo
from recipes import data, drawing, edge_files, evaluating, exporting, recording, training
from recipes.dataset import Dataset
from recipes.headline import headline
from recipes.model_card import CARD_FILE, model_card
from recipes.output_folder import replacing, unfinished_beside, writing
from recipes.recipe import (
    KERAS_FILE,
    SAVED_MODEL,
    TFLITE_FILE,
    GateError,
    Precision,
    Recipe,
    Strategy,
)
from recipes.task import is_variational, task_inputs
from zoo.scoring import score

logger = logging.getLogger(__name__)

SAMPLES = 40
SAMPLE_SEED = 0


def run(
    recipe: Recipe,
    *,
    out: str | os.PathLike = "saved_models",
    strategy: Strategy = "auto",
    precision: Precision = "float32",
    variants: Sequence[str] | None = None,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> tuple[Path, dict[str, Any]]:
    """Train a recipe, export and verify it, and write `out/<recipe name>/` if all gates hold.

    Args:
        recipe: What to train.
        out: Folder to put the recipe's folder in; an earlier one of that name is replaced.
        strategy: `auto`, `single` or `mirrored`, see `training.make_strategy`.
        precision: `float32`, `mixed_bfloat16` or `mixed_float16`, see `training.train`.
        variants: TFLite files to write, of `variants.VARIANTS`, fp32 among them; None writes all
            that the model has.
        data_dir: Where the data are, see `data.load`.
        download: Fetch missing data, see `data.load`.

    Returns:
        The folder, and what its `result.json` holds.

    Raises:
        InputError: Something passed in is wrong, or the folder cannot be written.
        GateError: The model or an artefact missed a gate; earlier artefacts are untouched. After
            an artefact's, a call that differs in `variants` alone does not train again.
    """
    if keras.backend.backend() != "tensorflow":
        raise zoo.InputError(
            f"Recipes need Keras's tensorflow backend, but got {keras.backend.backend()!r}: "
            "unset KERAS_BACKEND."
        )
    if variants is not None and "fp32" not in variants:
        raise zoo.InputError(f"variants must hold fp32, but got {', '.join(variants)}.")
    target = Path(out, recipe.name)
    task = {**recipe.to_json(), **recording.environment()}
    task |= {"strategy": strategy, "precision": precision}
    with (
        replacing(target) as folder,
        unfinished_beside(target, task) as unfinished,
        tempfile.TemporaryDirectory() as scratch,
    ):
        dataset = data.load_for(
            recipe.to_json(), data_dir=data_dir, download=download, scratch=scratch
        )
        if variants is not None:
            shape = dataset.train.shape[1:]
            untrained = zoo.get(recipe.model, input_shape=shape, **recipe.arguments)
            edge_files.check_variants(untrained, variants)
        logger.info(
            "Training %s: model %s on %s, %d samples", recipe.name, recipe.model, recipe.data,
            len(dataset.train),
        )  # fmt: skip
        trained = training.train(recipe, dataset, strategy, precision, unfinished)
        logger.info("Evaluating beside baselines")
        beside = evaluating.baselines(trained.model, dataset)
        for model, entry in zip(trained.models, trained.runs, strict=True):
            entry["figures"] = evaluating.evaluate(model, dataset, beside) if model else None
        figures = {**trained.runs[trained.chosen]["figures"], **beside}
        if missed := missed_gates(recipe, figures):
            # Trained again it would miss them again.
            shutil.rmtree(unfinished, ignore_errors=True)
            raise GateError(recipe.name, missed)

        logger.info("Exporting and verifying: Keras, SavedModel, TFLite")
        with writing(target.parent):
            exporting.export(trained.model, folder)
        try:
            artefacts = edge_files.write(
                folder,
                folder / KERAS_FILE,
                trained.model,
                dataset,
                recipe.to_json(),
                edge_files.check_variants(trained.model, variants),
                artefacts=(KERAS_FILE, SAVED_MODEL),
                per_channel=recipe.per_channel,
            )
        except GateError:
            logger.info("The same command, with other variants, goes on with what was trained")
            raise

        result = {
            "recipe": recipe.to_json(),
            **recording.environment(),
            "strategy": trained.strategy,
            "precision": precision,
            "batch_size": trained.batch_size,
            "data": _describe(dataset),
            "parameters": trained.model.count_params(),
            "multiply_adds": evaluating.multiply_adds(trained.model),
            "latent_dim": trained.model.latent_dim,
            "training_seconds": sum(run["seconds"] for run in trained.runs),
            "runs": trained.runs,
            "chosen_run": trained.chosen,
            "headline": headline(recipe.goal, recipe.reference, figures, trained.runs),
            "figures": figures,
            "artefacts": artefacts,
        }
        with writing(target.parent):
            recording.write_result(folder, result)
            (folder / CARD_FILE).write_text(model_card(result), encoding="utf-8")
            _draw(folder, trained, dataset, artefacts[TFLITE_FILE].get("threshold"))
    return target, result


def _draw(
    folder: Path,
    trained: training.Training,
    dataset: Dataset,
    threshold: dict[str, float] | None,
) -> None:
    model, test = trained.model, dataset.test
    drawing.draw_loss(folder / "loss.png", trained.history)
    anomalous = dataset.anomalous
    shown = (test if anomalous is None else test[~anomalous])[: drawing.SHOWN]
    inputs = task_inputs(model, shown)
    reconstructions = evaluating.predict(model, inputs)
    drawing.draw_reconstructions(folder / "reconstructions.png", shown, inputs, reconstructions)
    if is_variational(model):
        samples = zoo.sample(model, SAMPLES, SAMPLE_SEED)
        drawing.draw_samples(folder / "samples.png", samples)
        codes = drawing.traversals(evaluating.predict(model.encoder, test))
        walked = evaluating.predict(model.decoder, codes)
        drawing.draw_samples(folder / "traversals.png", walked)
    if anomalous is not None and threshold is not None:
        reconstructions = evaluating.predict(model, test)
        scores = score(reconstructions, test, model.score_window)
        drawing.draw_detection(
            folder / "anomalies.png",
            test,
            reconstructions,
            scores,
            anomalous,
            threshold["score"],
        )


def missed_gates(recipe: Recipe, figures: dict[str, float]) -> list[str]:
    """Return a sentence for every gate of the recipe that its figures miss."""
    missed = []
    for gate in recipe.gates:
        if gate.figure not in figures:
            missed.append(f"{gate} has no such figure among {', '.join(figures)}")
        elif not gate.holds(figures[gate.figure]):
            missed.append(f"{gate} is missed with {figures[gate.figure]:.4g}")
    return missed


def _describe(dataset: Dataset) -> dict[str, Any]:
    splits = ("train", "validation", "test")
    described = {
        "name": dataset.name,
        "version": dataset.version,
        "scaling": dataset.scaling,
        "sample_shape": list(dataset.train.shape[1:]),
        "samples": {split: len(getattr(dataset, split)) for split in splits},
    }
    if dataset.anomalous is not None:
        described["test_anomalies"] = int(dataset.anomalous.sum())
    return described
