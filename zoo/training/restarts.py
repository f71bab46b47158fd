"""Training a recipe from each of its seeds, and choosing the best model."""

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np
import tensorflow as tf

from zoo.artefact_names import KERAS_FILE
from zoo.autoencoder import Autoencoder
from zoo.data import memmap_reading
from zoo.data.dataset import Dataset
from zoo.errors import InputError
from zoo.model_loading import load
from zoo.recipe import Precision, Recipe, Strategy
from zoo.training.distribution_strategy import make_strategy
from zoo.training.fitting import build, fit
from zoo.training.recipe_checks import check_fits
from zoo.write_errors import writing

logger = logging.getLogger(__name__)

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
        chosen: Index of the run with the best validation loss.
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
    """Train a recipe's model from each of its seeds and choose the best by validation loss.

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
    check_fits(recipe, build(recipe, dataset), dataset, replicas)
    batch_size = recipe.batch_size - recipe.batch_size % replicas
    if batch_size != recipe.batch_size:
        logger.info("Batch size rounded down to %d for %d replicas", batch_size, replicas)

    models, runs, histories = [], [], []
    for seed in range(recipe.seed, recipe.seed + recipe.restarts):
        kept = unfinished and unfinished / f"seed_{seed}"
        if kept and kept.is_dir():
            logger.info("Seed %d was trained before", seed)
            model = load(kept / KERAS_FILE)
            run, history = json.loads((kept / RUN_FILE).read_text(encoding="utf-8"))
        else:
            model, run, history = fit(recipe, dataset, scope, precision, batch_size, seed)
            if kept:
                with writing(kept.parent.parent):
                    _keep(kept, model, run, history)
        diverged = run["stopped"] == "diverged"
        if recipe.restarts > 1:
            reached = "diverged" if diverged else f"validation loss {run['val_loss']:.5f}"
            logger.info("Seed %d: %s", seed, reached)
        models.append(None if diverged else model)
        runs.append(run)
        histories.append(history)

    finite = [i for i, model in enumerate(models) if model]
    if not finite:
        raise InputError(_diverged(recipe, dataset))
    chosen = min(finite, key=lambda i: runs[i]["val_loss"])
    mirrored = isinstance(scope, tf.distribute.MirroredStrategy)
    return Training(
        models=models,
        runs=runs,
        chosen=chosen,
        history=histories[chosen],
        strategy={"name": "mirrored" if mirrored else "single", "replicas": replicas},
        batch_size=batch_size,
    )


def _diverged(recipe: Recipe, dataset: Dataset) -> str:
    bounds = [(chunk.min(), chunk.max()) for chunk in memmap_reading.chunks(dataset.train)]
    return (
        "Training diverged: the loss or the weights are not finite. Lower the learning rate (now "
        f"{recipe.learning_rate:g}), or scale the data, whose values reach from "
        f"{np.min(bounds):g} to {np.max(bounds):g}."
    )


def _keep(folder: Path, model: keras.Model, run: dict, history: dict) -> None:
    """Write a trained model to a folder that appears only once it is complete."""
    scratch = folder.with_name(f".{folder.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    model.save(scratch / KERAS_FILE)
    (scratch / RUN_FILE).write_text(json.dumps([run, history]), encoding="utf-8")
    scratch.rename(folder)
