"""`zoo.train`: the stages in order: load, train, evaluate, export, verify, record."""

import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from zoo import data, evaluation, keras_settings, recipe_book, registry, training, weights
from zoo.artefact_names import CARD, TFLITE_FILE
from zoo.autoencoder import Autoencoder
from zoo.errors import GateError, InputError
from zoo.evaluation import recipe_figures
from zoo.exporting import exportable, fresh_process, tflite
from zoo.pipeline.output_folder import check_same_run, check_space, check_target, replace_target
from zoo.pipeline.trained_folder import describe_data
from zoo.pipeline.trained_model import evaluate_runs, export_model
from zoo.pipeline.work_folder import NEW, SCRATCH, seeds_of, work_beside
from zoo.recipe import Precision, Recipe, Strategy
from zoo.results.card import card
from zoo.results.headline_figure import headline
from zoo.results.pictures import draw
from zoo.results.result import write_result
from zoo.training.run_environment import environment
from zoo.training.task import task_of
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


@keras_settings.defaults()
def train(
    recipe: Recipe | str | os.PathLike,
    *,
    out: str | os.PathLike = "saved_models",
    strategy: Strategy = "auto",
    precision: Precision = "float32",
    variants: Sequence[str] | None = None,
    tolerance: float | None = None,
    overwrite: bool = False,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> Trained:
    """Train a recipe, export and verify the model, and write `out/<recipe name>/`.

    Nothing is written unless every gate holds. Only where the data are a file of one's own, a
    variant that is not exact and misses its gate is left out, and the others are written. Seeds
    that were trained before an interruption are not trained again.

    Args:
        recipe: A recipe, the name of one in the book, or the path of a recipe file.
        out: Folder to put the recipe's folder in. One that the same recipe and data made before is
            replaced.
        strategy: `auto`, `single` or `mirrored`, see `zoo.training.make_strategy`.
        precision: What training computes in: `float32`, `mixed_bfloat16` or `mixed_float16`.
        variants: TFLite files to write, see `zoo.exporting.tflite_variants`, fp32 among them; None
            writes all that the model has.
        tolerance: Replaces the tolerance of each variant that is not exact, such as 0.05 for 5 %.
        overwrite: Replace a folder of that name as well if another recipe or other data made it.
        data_dir: Where the data are, see `zoo.data.load`.
        download: Fetch missing data, see `zoo.data.load`.

    Returns:
        The folder, the model and the result.

    Raises:
        InputError: Something passed in is wrong, or the folder cannot be written.
        GateError: The model or a file missed a gate; earlier files are untouched. After a file's
            gate, a call that differs in `variants` or `tolerance` alone does not train again.
    """
    if not isinstance(recipe, Recipe):
        recipe = recipe_book.get(os.fspath(recipe))
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"Recipes need Keras's tensorflow backend, but got {keras.backend.backend()!r}: "
            "set KERAS_BACKEND=tensorflow."
        )
    if variants is not None and "fp32" not in variants:
        raise InputError(f"variants must hold fp32, but got {', '.join(variants)}.")
    tflite.check_tolerance(tolerance)
    target = Path(out, recipe.name)
    # Where it really is, if it is a link.
    place = target.resolve()
    check_target(place)
    with work_beside(place) as work:
        folder, scratch = work / NEW, work / SCRATCH
        dataset = data.for_recipe(recipe, data_dir=data_dir, download=download, scratch=scratch)
        # What would fail after training is found out before it.
        fresh_process.refuse_nested()
        shape = dataset.train.shape[1:]
        untrained = registry.build(recipe.model, input_shape=shape, **recipe.arguments)
        tflite.check_variants(untrained, variants)
        exportable.try_out(untrained, dataset.train)
        recipe_figures.check_gates(recipe, untrained, dataset)
        recipe = replace(recipe, goal=recipe_figures.goal_of(recipe, untrained, dataset))
        described = describe_data(recipe.data, dataset)
        if not overwrite:
            check_same_run(place, recipe.to_json(), described)
        check_space(work, untrained.count_params(), recipe.restarts, dataset.test.nbytes)
        unfinished = seeds_of(work, task_of(recipe, untrained, dataset, strategy, precision))
        logger.info(
            "Training %s: model %s on %s, %d samples", recipe.name, recipe.model, recipe.data,
            len(dataset.train),
        )  # fmt: skip
        trained = training.train(recipe, dataset, strategy, precision, unfinished)
        try:
            figures = evaluate_runs(recipe, trained, dataset)
        except GateError:
            # Trained again it would miss them again.
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        artefacts, left_out = export_model(
            recipe, trained.model, dataset, folder, variants, tolerance
        )
        result = {
            "recipe": recipe.to_json(),
            **environment(),
            "strategy": trained.strategy,
            "precision": precision,
            "batch_size": trained.batch_size,
            "data": described,
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
            "left_out": left_out,
        }
        threshold = artefacts[TFLITE_FILE].get("threshold")
        with writing(place.parent):
            if undrawn := draw(folder, trained.model, dataset, trained.history, threshold):
                result["undrawn"] = undrawn
            # The result last: it holds the digest of the card.
            published = weights.is_published(place, result["recipe"])
            (folder / CARD).write_text(card(result, published), encoding="utf-8")
            write_result(folder, result)
        replace_target(place, work)
        # Only now does nothing depend on them any more.
        shutil.rmtree(unfinished, ignore_errors=True)
    return Trained(target, trained.model, result)
