"""Training a recipe from each of its seeds, and choosing the best model."""

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import keras
import tensorflow as tf

from zoo.artefact_names import KERAS_FILE
from zoo.autoencoder import Autoencoder
from zoo.data import memmap_reading
from zoo.data.dataset import Dataset
from zoo.errors import InputError
from zoo.model_loading import load
from zoo.option_words import options
from zoo.recipe import Precision, Recipe, Strategy
from zoo.training.distribution_strategy import make_strategy
from zoo.training.fitting import build, fit
from zoo.training.recipe_checks import check_fits, doubts
from zoo.write_errors import writing

logger = logging.getLogger(__name__)

# Data that were scaled stay within this magnitude, and rates up to this one suit them.
SCALED = 10.0
USUAL_RATE = 1e-2
# What is known of a run, beside its model.
RUN_FILE = "run.json"


@dataclass(frozen=True)
class Training:
    """Every model that a recipe trained, and which one is the best.

    Attributes:
        models: The trained model of each seed, uncompiled and outside any strategy; None for one
            that diverged.
        runs: One entry per seed: `seed`, `epochs`, `seconds`, the `kept_epoch` whose weights the
            model has, that epoch's `val_loss` and `val_mse`, and `stopped`, which is `target`,
            `patience`, `epochs` or `diverged`. A run that diverged kept no epoch: those are None.
            A model with a prior also has a `val_bound`, see `validation_bound`.
        chosen: Index of the best run on the validation split, by `criterion`.
        history: The chosen run's losses and MSEs, one value per epoch.
        strategy: `name`, `single` or `mirrored`, and the number of `replicas`.
        batch_size: Global batch size, rounded down to a multiple of the replicas.
    """

    models: list[Autoencoder | None]
    runs: list[dict[str, Any]]
    chosen: int
    history: dict[str, list[float]]
    strategy: dict[str, Any]
    batch_size: int

    @property
    def model(self) -> Autoencoder:
        """The model of the chosen run."""
        model = self.models[self.chosen]
        assert model is not None
        return model


def train(
    recipe: Recipe,
    dataset: Dataset,
    strategy: Strategy = "auto",
    precision: Precision = "float32",
    unfinished: Path | None = None,
) -> Training:
    """Train a recipe's model from each of its seeds and choose the best on the validation split.

    A batch size that is no multiple of the replicas is rounded down to one, and each epoch leaves
    out the few samples (other ones each time) that would make the last batch uneven. So every
    replica has the same weight, and the gradient is that of one device.

    Args:
        recipe: What to train.
        dataset: Its data.
        strategy: See `make_strategy`.
        precision: What training computes in. The trained models always compute in float32.
        unfinished: Folder that each trained model is kept in. Models that an earlier call with the
            same arguments left there are not trained again. None keeps nothing.

    Raises:
        InputError: No precision or strategy has that name, recipe, model and data do not fit each
            other (see `check_fits`), nothing can be written to `unfinished`, or every seed
            diverged.
    """
    if precision not in get_args(Precision):
        raise InputError(
            f"precision must be one of {', '.join(get_args(Precision))}, but got {precision!r}."
        )
    scope = make_strategy(strategy)
    replicas = scope.num_replicas_in_sync
    untrained = build(recipe, dataset)
    check_fits(recipe, untrained, dataset, replicas, precision)
    for doubt in doubts(recipe, untrained, dataset):
        logger.warning("%s", doubt)
    batch_size = recipe.batch_size - recipe.batch_size % replicas
    if batch_size != recipe.batch_size:
        logger.info("Batch size rounded down to %d for %d replicas", batch_size, replicas)

    models, runs, histories = [], [], []
    for seed in range(recipe.seed, recipe.seed + recipe.restarts):
        kept = unfinished and unfinished / f"seed_{seed}"
        if kept and (found := _kept(kept)):
            logger.info("Seed %d was trained before", seed)
            model, run, history = found
        else:
            model, run, history = fit(recipe, dataset, scope, precision, batch_size, seed)
            if kept:
                with writing(kept.parent.parent.parent):
                    _keep(kept, model, run, history)
        diverged = run["stopped"] == "diverged"
        if recipe.restarts > 1:
            reached = "diverged" if diverged else f"validation loss {criterion(run):.5f}"
            logger.info("Seed %d: %s", seed, reached)
        models.append(None if diverged else model)
        runs.append(run)
        histories.append(history)

    finite = [i for i, model in enumerate(models) if model]
    if not finite:
        if unfinished:
            # Found again they would be refused again.
            shutil.rmtree(unfinished, ignore_errors=True)
        raise InputError(_diverged(recipe, dataset))
    chosen = min(finite, key=lambda i: criterion(runs[i]))
    mirrored = isinstance(scope, tf.distribute.MirroredStrategy)
    return Training(
        models=models,
        runs=runs,
        chosen=chosen,
        history=histories[chosen],
        strategy={"name": "mirrored" if mirrored else "single", "replicas": replicas},
        batch_size=batch_size,
    )


def criterion(run: dict[str, Any]) -> float:
    """Return what a run is judged by: the bound that it was trained on, else its loss."""
    return run.get("val_bound", run["val_loss"])


def _diverged(recipe: Recipe, dataset: Dataset) -> str:
    """Return why training diverged, and what to do: the scale of the data, the rate, or both."""
    lowest, highest = memmap_reading.bounds(dataset.train)
    unscaled = max(-lowest, highest) > SCALED
    advice = []
    if unscaled:
        advice.append(
            f"scale the data, whose values reach from {lowest:g} to {highest:g}, for example to a "
            "mean of 0 and a standard deviation of 1"
        )
    if not unscaled or recipe.learning_rate > USUAL_RATE:
        lower = options(learning_rate=min(float(f"{recipe.learning_rate / 10:g}"), 1e-3))
        advice.append(f"lower the learning rate, now {recipe.learning_rate:g}: use {lower}")
    return f"Training diverged, the loss or the weights are not finite: {', and '.join(advice)}."


def _kept(folder: Path) -> tuple[Autoencoder, dict, dict] | None:
    """Return what `_keep` wrote to a folder; None, and no folder, if it is damaged."""
    if not folder.is_dir():
        return None
    try:
        run, history = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        return load(folder / KERAS_FILE), run, history
    except (OSError, ValueError) as error:
        logger.warning("%s is trained again: what was kept of it is damaged, %s", folder, error)
        shutil.rmtree(folder)
        return None


def _keep(folder: Path, model: keras.Model, run: dict, history: dict) -> None:
    """Write a trained model to a folder that appears only once it is complete."""
    scratch = folder.with_name(f".{folder.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    model.save(scratch / KERAS_FILE)
    (scratch / RUN_FILE).write_text(json.dumps([run, history]), encoding="utf-8")
    scratch.rename(folder)
