"""The stages in order: load, train, evaluate, export, verify, record; and verification alone."""

import logging
import os
import time
from pathlib import Path
from typing import Any

import keras

import zoo
from recipes import data, evaluating, exporting, recording, training, verifying
from recipes.output_folder import replacing, writing
from recipes.recipe import ARTEFACTS, Dataset, GateError, Recipe, Strategy
from recipes.task import task_inputs
from zoo.layers import GaussianLatent

logger = logging.getLogger(__name__)

SAMPLES = 40
SAMPLE_SEED = 0


def run(
    recipe: Recipe,
    *,
    out: str | os.PathLike = "saved_models",
    strategy: Strategy = "auto",
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> tuple[Path, dict[str, Any]]:
    """Train a recipe, export and verify it, and write `out/<recipe name>/` if all gates hold.

    Args:
        recipe: What to train.
        out: Folder to put the recipe's folder in; an earlier one of that name is replaced.
        strategy: `auto`, `single` or `mirrored`, see `training.make_strategy`.
        data_dir: Where the data are, see `data.load`.
        download: Fetch missing data, see `data.load`.

    Returns:
        The folder, and what its `result.json` holds.

    Raises:
        InputError: Something passed in is wrong, or the folder cannot be written.
        GateError: The model or an artefact missed a gate; earlier artefacts are untouched.
    """
    if keras.backend.backend() != "tensorflow":
        raise zoo.InputError(
            f"Recipes need Keras's tensorflow backend, but got {keras.backend.backend()!r}: "
            "unset KERAS_BACKEND."
        )
    target = Path(out, recipe.name)
    with replacing(target) as folder:
        dataset = data.load(
            recipe.data, data_dir=data_dir, download=download, max_samples=recipe.max_samples
        )
        logger.info(
            "Training %s: model %s on %s, %d samples", recipe.name, recipe.model, recipe.data,
            len(dataset.train),
        )  # fmt: skip
        start = time.perf_counter()
        trained = training.train(recipe, dataset, strategy)
        seconds = time.perf_counter() - start
        figures = evaluating.evaluate(trained.model, dataset)
        if missed := missed_gates(recipe, figures):
            raise GateError(recipe.name, missed)

        logger.info("Exporting and verifying: Keras, SavedModel, TFLite")
        with writing(target.parent):
            exporting.export(trained.model, folder)
        inputs = task_inputs(trained.model, dataset.test)
        reconstructions = evaluating.predict(trained.model, inputs)
        artefacts, missed = verifying.verify(folder, inputs, dataset.test, reconstructions)
        if missed:
            raise GateError(recipe.name, missed)

        result = {
            "recipe": recipe.to_json(),
            **recording.environment(),
            "strategy": trained.strategy,
            "precision": keras.config.dtype_policy().name,
            "batch_size": trained.batch_size,
            "data": _describe(dataset),
            "parameters": trained.model.count_params(),
            "multiply_adds": evaluating.multiply_adds(trained.model),
            "latent_dim": trained.model.latent_dim,
            "training_seconds": round(seconds, 1),
            "runs": trained.runs,
            "chosen_run": trained.chosen,
            "figures": figures,
            "artefacts": artefacts,
        }
        with writing(target.parent):
            recording.write_result(folder, result)
            recording.draw_loss(folder / "loss.png", trained.history)
            recording.draw_reconstructions(
                folder / "reconstructions.png", dataset.test, inputs, reconstructions
            )
            if any(isinstance(layer, GaussianLatent) for layer in trained.model.encoder.layers):
                samples = zoo.sample(trained.model, SAMPLES, SAMPLE_SEED)
                recording.draw_samples(folder / "samples.png", samples)
    return target, result


def verify(
    folder: str | os.PathLike,
    *,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> dict[str, dict[str, Any]]:
    """Check a folder of artefacts again, without training.

    Each artefact must have the recorded sha256, run in a fresh process, agree with the Keras model,
    and reach the recorded test MSE.

    Args:
        folder: Folder that `run` wrote.
        data_dir: Where the data are, see `data.load`.
        download: Fetch missing data, see `data.load`.

    Returns:
        For each artefact what `verifying.verify` measured.

    Raises:
        InputError: No such folder, or a damaged file.
        GateError: An artefact is not what was recorded.
    """
    folder = Path(folder)
    result = recording.read_result(folder)
    recorded = result["artefacts"]
    for name in ARTEFACTS:
        if not (folder / name).exists():
            raise zoo.InputError(f"{name} is missing from {folder}: train the recipe again.")
        if verifying.sha256(folder / name) != recorded[name]["sha256"]:
            raise zoo.InputError(
                f"{folder / name} is not the file that was recorded (sha256 differs): "
                "restore it or train the recipe again."
            )
    model = zoo.load(folder / "model.keras")
    dataset = data.load(
        result["recipe"]["data"],
        data_dir=data_dir,
        download=download,
        max_samples=result["recipe"]["max_samples"],
    )
    inputs = task_inputs(model, dataset.test)
    reconstructions = evaluating.predict(model, inputs)
    artefacts, missed = verifying.verify(folder, inputs, dataset.test, reconstructions)
    for name, entry in artefacts.items():
        # To the digits that are shown; an fp32 sum differs in the last ones between machines.
        if (
            "test_mse" in entry
            and f"{entry['test_mse']:.5f}" != f"{recorded[name]['test_mse']:.5f}"
        ):
            missed.append(
                f"{name}: test_mse is {entry['test_mse']:.5f}, "
                f"but {recorded[name]['test_mse']:.5f} was recorded"
            )
    if missed:
        raise GateError(result["recipe"]["name"], missed)
    return artefacts


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
    return {
        "name": dataset.name,
        "version": dataset.version,
        "sample_shape": list(dataset.train.shape[1:]),
        "samples": {split: len(getattr(dataset, split)) for split in splits},
    }
