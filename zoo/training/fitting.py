"""Training one model from one seed."""

import math
import sys
import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tqdm.keras import TqdmCallback

from zoo import keras_settings
from zoo.autoencoder import Autoencoder
from zoo.data.dataset import Dataset
from zoo.model_lookup import get
from zoo.recipe import Precision, Recipe
from zoo.training import augmenting, batching, compiled_steps, importance_weighting
from zoo.training.callbacks import ProgressLines, StopAtNaN, StopAtTarget
from zoo.training.optimizers import make_optimizer
from zoo.training.validation_bound import validation_bound


def build(recipe: Recipe, dataset: Dataset) -> Autoencoder:
    """Build the recipe's model for the shape of the data."""
    return get(recipe.model, input_shape=dataset.train.shape[1:], **recipe.arguments)


def fit(
    recipe: Recipe,
    dataset: Dataset,
    strategy: tf.distribute.Strategy,
    precision: Precision,
    batch_size: int,
    seed: int,
) -> tuple[Autoencoder, dict[str, Any], dict[str, list[float]]]:
    """Train the recipe's model from one seed.

    Args:
        recipe: What to train; its `seed`, `restarts` and `batch_size` are not read.
        dataset: Its data.
        strategy: The devices to train on.
        precision: What training computes in.
        batch_size: Global batch size, a multiple of the strategy's replicas.
        seed: Seed of the weights, of the order of samples and of all draws.

    Returns:
        The trained model, uncompiled, in float32 and outside the strategy, its weights rounded to
        float16's precision; the run, see `Training.runs`; and the history of `fit`.
    """
    keras.utils.set_random_seed(seed)
    replicas = strategy.num_replicas_in_sync
    steps = math.ceil(len(dataset.train) // replicas * replicas / batch_size)
    with strategy.scope(), keras_settings.computing_in(precision):
        model = _compiled(recipe, dataset, replicas, steps, seed)
    early_stopping = target = None
    if recipe.patience:
        early_stopping = keras.callbacks.EarlyStopping(
            "val_loss", patience=recipe.patience, restore_best_weights=True
        )
    if recipe.target is not None:
        target = StopAtTarget(recipe.target, early_stopping)
    training, validation = _batches(recipe, dataset, model, replicas, steps, batch_size, seed)
    callbacks = [_progress(f"seed {seed}"), StopAtNaN()]
    start = time.perf_counter()
    history = model.fit(
        training,
        validation_data=validation,
        epochs=recipe.epochs,
        callbacks=[*callbacks, *filter(None, (early_stopping, target))],
        shuffle=False,  # The data come shuffled.
        verbose=0,
    ).history
    run = {
        "seed": seed,
        "epochs": len(history["loss"]),
        "seconds": round(time.perf_counter() - start, 1),
        **_outcome(recipe, model, history, target is not None and target.reached),
    }
    # The variables of a new model belong to no strategy, and its layers compute in float32.
    trained = build(recipe, dataset)
    trained.set_weights([_rounded(weight) for weight in model.get_weights()])
    if trained.has_prior and run["stopped"] != "diverged":
        run["val_bound"] = validation_bound(trained, recipe, dataset.validation)
    return trained, run, history


def _compiled(
    recipe: Recipe, dataset: Dataset, replicas: int, steps_per_epoch: int, seed: int
) -> Autoencoder:
    model = build(recipe, dataset)
    for layer in [*model.encoder.layers, *model.decoder.layers]:
        if isinstance(layer, keras.layers.BatchNormalization):
            # Statistics are those of the whole batch, so that replicas train as one device does.
            layer.synchronized = replicas > 1
    model.compile(make_optimizer(recipe, steps_per_epoch), recipe.loss, metrics=["mse"])
    if recipe.importance_samples > 1:
        model.train_step = importance_weighting.train_step(model, recipe.importance_samples, seed)
    return model


def _batches(
    recipe: Recipe,
    dataset: Dataset,
    model: Autoencoder,
    replicas: int,
    steps_per_epoch: int,
    batch_size: int,
    seed: int,
) -> tuple[tf.data.Dataset, tf.data.Dataset]:
    """Return what the model is fitted on and what it is validated on."""
    inputs, targets = model.corrupt(dataset.validation), dataset.validation
    draw = augmenting.drawing(recipe, seed)
    if replicas > 1:
        return (
            batching.batches(dataset.train, batch_size, replicas, seed=seed, draw=draw),
            batching.batches(inputs, batch_size, replicas, targets=targets),
        )
    xla = compiled_steps.wins_with_xla(model, recipe.epochs * steps_per_epoch)
    return (
        compiled_steps.prepare_training(model, dataset.train, batch_size, seed, xla=xla, draw=draw),
        compiled_steps.prepare_validation(model, inputs, targets, batch_size, xla=xla),
    )


def _progress(label: str) -> keras.callbacks.Callback:
    if sys.stderr.isatty():
        return TqdmCallback(desc=label, verbose=0, leave=False)
    return ProgressLines(label)


def _outcome(
    recipe: Recipe, model: Autoencoder, history: dict[str, list[float]], target_reached: bool
) -> dict[str, Any]:
    """Return why training stopped, and the epoch whose weights the model has."""
    # A compiled ReLU turns NaN into 0: weights can be lost while the loss stays finite.
    values = [history["val_loss"], *model.get_weights()]
    if not all(np.isfinite(value).all() for value in values):
        return {"kept_epoch": None, "val_loss": None, "val_mse": None, "stopped": "diverged"}
    epochs = len(history["loss"])
    # Early stopping restores the best weights; everything else leaves the last ones.
    best = recipe.patience and not target_reached
    kept = int(np.argmin(history["val_loss"])) if best else epochs - 1
    early = "target" if target_reached else "patience"
    return {
        "kept_epoch": kept + 1,
        "val_loss": history["val_loss"][kept],
        "val_mse": history["val_mse"][kept],
        "stopped": early if target_reached or epochs < recipe.epochs else "epochs",
    }


def _rounded(weights: np.ndarray) -> np.ndarray:
    """Return weights with float16's 11 significant bits, still in float32.

    No figure shows the difference, but files compress to half the size.
    """
    mantissas, exponents = np.frexp(weights)
    return np.ldexp(np.round(np.ldexp(mantissas, 11)), exponents - 11)
