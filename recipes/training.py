"""Training: build and compile under a distribution strategy, fit, restart, keep the best."""

import contextlib
import functools
import json
import logging
import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np
import tensorflow as tf
from tqdm.keras import TqdmCallback

import zoo
from recipes import augmenting, batching, importance_weighting, stepping
from recipes.dataset import Dataset
from recipes.output_folder import writing
from recipes.recipe import KERAS_FILE, Precision, Recipe, Strategy
from recipes.task import task_inputs

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """What training hands on.

    Attributes:
        models: The trained model of each initialisation, uncompiled and off the strategy; None for
            one that diverged.
        runs: One entry per initialisation: its seed, epochs, the epoch whose weights were kept, its
            validation loss and MSE, and `stopped` by `target`, `patience` or `epochs`; or
            `diverged`, with None for the others.
        chosen: Index of the run with the best validation loss.
        history: That run's losses and MSEs, one value per epoch.
        strategy: `single` or `mirrored`, and the number of replicas.
        batch_size: Global batch, after rounding down to a multiple of the replicas.
    """

    models: list[zoo.Autoencoder | None]
    runs: list[dict[str, Any]]
    chosen: int
    history: dict[str, list[float]]
    strategy: dict[str, Any]
    batch_size: int

    @property
    def model(self) -> zoo.Autoencoder:
        """The model of the chosen run."""
        model = self.models[self.chosen]
        assert model is not None
        return model


class StopAtTarget(keras.callbacks.Callback):
    """Stops training as soon as the validation MSE is at most `target`, and keeps those weights.

    Args:
        target: The MSE to reach.
        early_stopping: Callback that would otherwise give back the weights of an earlier epoch.
    """

    def __init__(self, target: float, early_stopping: keras.callbacks.EarlyStopping | None):
        super().__init__()
        self.target = target
        self.early_stopping = early_stopping
        self.reached = False

    def on_epoch_end(self, epoch, logs=None):
        self.reached = (logs or {})["val_mse"] <= self.target
        if self.reached:
            self.model.stop_training = True
            if self.early_stopping:
                self.early_stopping.restore_best_weights = False


def make_strategy(name: Strategy) -> tf.distribute.Strategy:
    """Return the strategy of that name, the same one each time.

    `auto` mirrors over all GPUs when there are several; `mirrored` over all GPUs, or over the
    logical CPUs where there is no GPU, if there are several; `single` stays on one device.

    Raises:
        InputError: No strategy has that name.
    """
    if name not in get_args(Strategy):
        raise zoo.InputError(
            f"strategy must be one of {', '.join(get_args(Strategy))}, but got {name!r}."
        )
    gpus = tf.config.list_logical_devices("GPU")
    devices = gpus or tf.config.list_logical_devices("CPU")
    if name == "single" or len(devices) < 2 or (name == "auto" and not gpus):
        return tf.distribute.get_strategy()
    return _mirrored(tuple(device.name for device in devices))


# A second MirroredStrategy in one process would mix up its collectives with the first's.
@functools.cache
def _mirrored(devices: tuple[str, ...]) -> tf.distribute.Strategy:
    return tf.distribute.MirroredStrategy(devices)


def train(
    recipe: Recipe,
    dataset: Dataset,
    strategy: Strategy = "auto",
    precision: Precision = "float32",
    unfinished: Path | None = None,
) -> Training:
    """Train a recipe's model as often as the recipe says and choose the best by validation loss.

    Weights are rounded to float16's precision in the end; they stay float32.

    A batch that does not divide by the replicas is rounded down to one that does, and each epoch
    leaves out the few samples (a different draw each time) that would make the last batch uneven:
    so every replica weighs the same and the gradient is that of one device. For the same reason
    batch normalisation takes its statistics over all replicas.

    Args:
        recipe: What to train.
        dataset: Its data.
        strategy: See `make_strategy`.
        precision: What to compute in. The models handed on compute in float32 always.
        unfinished: Folder to keep each trained model in, and to take those from that an earlier
            call with the same arguments left there; None keeps none.

    Raises:
        InputError: No precision has that name, the batch is larger than the training split or
            smaller than the replicas, the model's arguments or the loss do not fit the data, or
            every initialisation diverged.
    """
    if precision not in get_args(Precision):
        raise zoo.InputError(
            f"precision must be one of {', '.join(get_args(Precision))}, but got {precision!r}."
        )
    scope = make_strategy(strategy)
    replicas = scope.num_replicas_in_sync
    if recipe.batch_size > len(dataset.train):
        raise zoo.InputError(
            f"batch_size {recipe.batch_size} is larger than the training split of "
            f"{dataset.name!r}, {len(dataset.train)} samples: choose a smaller one."
        )
    if min(recipe.batch_size, len(dataset.validation)) < replicas:
        raise zoo.InputError(
            f"batch_size {recipe.batch_size} and a validation split of {len(dataset.validation)} "
            f"cannot be split over {replicas} replicas: use at least one sample for each."
        )
    if recipe.loss == "binary_crossentropy" and dataset.value_range != (0, 1):
        raise zoo.InputError(
            f"The loss binary_crossentropy needs values on [0, 1], unlike those of "
            f"{dataset.name!r}: choose mse."
        )
    batch_size = recipe.batch_size - recipe.batch_size % replicas
    if batch_size != recipe.batch_size:
        logger.info("Batch rounded down to %d for %d replicas", batch_size, replicas)

    models, runs, histories = [], [], []
    for seed in range(recipe.seed, recipe.seed + recipe.restarts):
        kept = unfinished and unfinished / f"seed_{seed}"
        if kept and kept.is_dir():
            logger.info("Seed %d was trained before", seed)
            model = zoo.load(kept / KERAS_FILE)
            run, history = json.loads((kept / "run.json").read_text(encoding="utf-8"))
        else:
            keras.utils.set_random_seed(seed)
            trained, run, history = _train_once(recipe, dataset, scope, precision, batch_size, seed)
            # Its variables belong to no strategy and no optimiser, its layers compute in float32.
            model = build(recipe, dataset)
            model.set_weights([_rounded(weight) for weight in trained.get_weights()])
            if kept:
                with writing(kept.parent.parent):
                    _keep(kept, model, run, history)
        if run["stopped"] == "diverged":
            model = None
        if recipe.restarts > 1:
            reached = f"validation loss {run['val_loss']:.5f}" if model else "diverged"
            logger.info("Seed %d: %s", seed, reached)
        models.append(model)
        runs.append(run)
        histories.append(history)
    finite = [i for i, model in enumerate(models) if model]
    if not finite:
        raise zoo.InputError(
            f"Training diverged, the loss or the weights are not finite: lower the learning_rate, "
            f"now {recipe.learning_rate:g}."
        )
    chosen = min(finite, key=lambda i: runs[i]["val_loss"])
    return Training(
        models=models,
        runs=runs,
        chosen=chosen,
        history=histories[chosen],
        strategy={
            "name": "mirrored" if isinstance(scope, tf.distribute.MirroredStrategy) else "single",
            "replicas": replicas,
        },
        batch_size=batch_size,
    )


def _rounded(weights: np.ndarray) -> np.ndarray:
    """Return weights with float16's 11 significant bits, still in float32.

    No figure shows the difference, but files compress to half.
    """
    mantissas, exponents = np.frexp(weights)
    return np.ldexp(np.round(np.ldexp(mantissas, 11)), exponents - 11)


def _keep(folder: Path, model: zoo.Autoencoder, run: dict, history: dict) -> None:
    """Write a trained model to a folder that is there in whole or not at all."""
    scratch = folder.with_name(f".{folder.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    model.save(scratch / KERAS_FILE)
    (scratch / "run.json").write_text(json.dumps([run, history]), encoding="utf-8")
    scratch.rename(folder)


@contextlib.contextmanager
def _computing_in(precision: Precision) -> Iterator[None]:
    """Build layers that compute in a precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def build(recipe: Recipe, dataset: Dataset) -> zoo.Autoencoder:
    """Build the recipe's model for the data's shape."""
    return zoo.get(recipe.model, input_shape=dataset.train.shape[1:], **recipe.arguments)


def _train_once(
    recipe: Recipe,
    dataset: Dataset,
    scope: tf.distribute.Strategy,
    precision: Precision,
    batch_size: int,
    seed: int,
) -> tuple[zoo.Autoencoder, dict[str, Any], dict[str, list[float]]]:
    replicas = scope.num_replicas_in_sync
    batches = math.ceil(len(dataset.train) // replicas * replicas / batch_size)
    with scope.scope(), _computing_in(precision):
        model = build(recipe, dataset)
        _synchronize_batches(model, replicas > 1)
        model.compile(
            make_optimizer(recipe, batches),
            recipe.loss,
            metrics=["mse"],
        )
        if recipe.importance_samples > 1:
            model.train_step = importance_weighting.train_step(
                model, recipe.importance_samples, seed
            )

    progress = TqdmCallback(desc=f"seed {seed}", verbose=0, leave=False, disable=None)
    callbacks: list[keras.callbacks.Callback] = [progress, keras.callbacks.TerminateOnNaN()]
    early_stopping = target = None
    if recipe.patience:
        early_stopping = keras.callbacks.EarlyStopping(
            "val_loss", patience=recipe.patience, restore_best_weights=True
        )
        callbacks.append(early_stopping)
    if recipe.target is not None:
        target = StopAtTarget(recipe.target, early_stopping)
        callbacks.append(target)
    validation = task_inputs(model, dataset.validation), dataset.validation
    draw = augmenting.drawing(recipe, dataset.train.shape[1:], seed)
    if replicas == 1:
        xla = stepping.wins_with_xla(model, recipe.epochs * batches)
        data = stepping.prepare_training(model, dataset.train, batch_size, seed, xla=xla, draw=draw)
        validation_data = stepping.prepare_validation(model, *validation, batch_size, xla=xla)
    else:
        data = batching.batches(dataset.train, batch_size, replicas, seed=seed, draw=draw)
        inputs, targets = validation
        validation_data = batching.batches(inputs, batch_size, replicas, targets=targets)
    start = time.perf_counter()
    history = model.fit(
        data,
        validation_data=validation_data,
        epochs=recipe.epochs,
        callbacks=callbacks,
        shuffle=False,  # the pipeline shuffles
        verbose=0,
    ).history
    epochs = len(history["loss"])
    run = {"seed": seed, "epochs": epochs, "seconds": round(time.perf_counter() - start, 1)}
    # A compiled ReLU turns NaN into 0: weights can be lost while the loss stays finite.
    values = [history["val_loss"], *model.get_weights()]
    if not all(np.isfinite(value).all() for value in values):
        run |= {"kept_epoch": None, "val_loss": None, "val_mse": None, "stopped": "diverged"}
        return model, run, history
    if target and target.reached:
        stopped = "target"
    else:
        stopped = "patience" if epochs < recipe.epochs else "epochs"
    # Early stopping gives back the best weights, everything else the last ones.
    best = recipe.patience and stopped != "target"
    kept = int(np.argmin(history["val_loss"])) if best else epochs - 1
    run |= {
        "kept_epoch": kept + 1,
        "val_loss": history["val_loss"][kept],
        "val_mse": history["val_mse"][kept],
        "stopped": stopped,
    }
    return model, run, history


def make_optimizer(recipe: Recipe, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Return the recipe's optimiser with its learning-rate schedule over all epochs."""
    steps = recipe.epochs * steps_per_epoch
    rate: Any = recipe.learning_rate
    if recipe.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, steps)
    elif recipe.schedule == "exponential":
        rate = keras.optimizers.schedules.ExponentialDecay(rate, steps, decay_rate=0.01)
    weight_decay = recipe.weight_decay or None
    if recipe.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, weight_decay=weight_decay)
    elif recipe.optimizer == "rmsprop":
        optimizer = keras.optimizers.RMSprop(rate, weight_decay=weight_decay)
    else:
        optimizer = keras.optimizers.Adam(rate, weight_decay=weight_decay)
    if weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _synchronize_batches(model: zoo.Autoencoder, synchronized: bool) -> None:
    """Normalise over the batch of all replicas, or over each replica's own part."""
    for layer in [*model.encoder.layers, *model.decoder.layers]:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = synchronized
