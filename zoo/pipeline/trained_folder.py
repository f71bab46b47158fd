"""What a folder with a `result.json` was made from: its files, its data, its headline figure."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from zoo import data
from zoo.autoencoder import Autoencoder
from zoo.data.fingerprint import fingerprint
from zoo.errors import InputError
from zoo.evaluation import multiply_adds
from zoo.exporting.verifying import identify
from zoo.training.run_environment import environment

# What a folder keeps of the samples that a model without a recipe was exported with.
SAMPLES_FILE = "samples.npz"
KEPT_SAMPLES = 100
# The fields of a recipe that say which samples of its data set are taken.
CHOICES = ("max_samples", "normal_label", "binarize")


def check_file(folder: Path, name: str, sha256: str) -> None:
    """Raise InputError unless a folder holds the file, or the folder, that was recorded."""
    if not (folder / name).exists():
        raise InputError(f"{name} is missing from {folder}: export it or train again.")
    if identify(folder / name)["sha256"] != sha256:
        raise InputError(
            f"{folder / name} is not the file that was recorded (sha256 differs): restore it or "
            "train the recipe again."
        )


def figure_of(result: dict[str, Any]) -> str:
    """Return the figure that a result is known by."""
    return result["recipe"].get("goal", {"figure": "test_mse"})["figure"]


def describe_data(name: str, dataset: data.Dataset) -> dict[str, Any]:
    """Return what a result says of its data; of a file of one's own also its place and content.

    Args:
        name: The data of the recipe.
        dataset: The samples.
    """
    described = dataset.describe()
    if data.is_own(name):
        described |= {"path": str(Path(name).resolve()), "fingerprint": fingerprint(dataset)}
    return described


def check_data(result: dict[str, Any], dataset: data.Dataset) -> None:
    """Raise InputError unless these are the data that a result was made from, as far as it says."""
    recorded, found = result["data"], dataset.describe()
    differing = [name for name in ("sample_shape", "samples") if found[name] != recorded[name]]
    if not differing and "fingerprint" in recorded:
        differing = ["content"] if fingerprint(dataset) != recorded["fingerprint"] else []
    if differing:
        raise InputError(
            f"The data {recorded.get('path', recorded['name'])!r} are not those that "
            f"{result['recipe']['name']!r} was trained on ({differing[0].replace('_', ' ')} "
            "differs): put those back, name the folder that holds them with --data-dir "
            "(data_dir=), or train it again under another name."
        )


def _find(result: dict[str, Any], data_dir: str | os.PathLike | None) -> str:
    """Return the name of a result's data; of a file of one's own where it is now."""
    name = result["recipe"]["data"]
    if not data.is_own(name):
        return name
    places = [Path(result["data"].get("path", name)), Path(name)]
    if data_dir is not None:
        places.insert(0, Path(data_dir, Path(name).name))
    return str(next((place for place in places if place.exists()), places[0]))


def load_data(
    folder: Path,
    result: dict[str, Any],
    *,
    data_dir: str | os.PathLike | None,
    download: bool,
    scratch: str | os.PathLike,
) -> data.Dataset:
    """Return the data of a result: those of its recipe, or the samples kept in its folder.

    Raises:
        InputError: The data are missing or damaged, or not those that the result was made from.
    """
    if "epochs" in result["recipe"]:
        # Of the recipe only its data matter here: its model need not be registered.
        choices = {name: result["recipe"][name] for name in CHOICES}
        dataset = data.load(
            _find(result, data_dir),
            data_dir=data_dir,
            download=download,
            scratch=scratch,
            **choices,
        )
        check_data(result, dataset)
        return dataset
    path = folder / SAMPLES_FILE
    try:
        with np.load(path, allow_pickle=False) as kept:
            samples = kept["samples"]
    except FileNotFoundError:
        raise InputError(
            f"{path} is missing, the samples to run the files on: export the model again."
        ) from None
    # NumPy raises errors of many types on a damaged archive.
    except Exception as error:
        raise InputError(f"{path} is damaged ({error}): export the model again.") from error
    return data.from_arrays(samples, samples, samples, name=result["data"]["name"])


def keep_samples(folder: Path, samples: np.ndarray) -> np.ndarray:
    """Write the first samples into a folder, to verify its files with; return them."""
    kept = samples[:KEPT_SAMPLES]
    np.savez_compressed(folder / SAMPLES_FILE, allow_pickle=False, samples=kept)
    return kept


def of_model(
    model: Autoencoder, name: str, calibration: np.ndarray
) -> tuple[data.Dataset, dict[str, Any]]:
    """Return the calibration samples as a data set, and the result of an export so far."""
    dataset = data.from_arrays(
        calibration, calibration, calibration[:KEPT_SAMPLES], name="calibration"
    )
    data.check_shape(dataset, model.sample_shape)
    window = {"score_window": model.score_window} if model.score_window > 1 else {}
    recipe = {"name": name, "model": model.name, "data": dataset.name, "arguments": window}
    return dataset, {
        "recipe": recipe,
        **environment(),
        "data": dataset.describe(),
        "parameters": model.count_params(),
        "multiply_adds": multiply_adds(model),
        "latent_dim": model.latent_dim,
        "code_shape": list(model.code_shape),
        "artefacts": {},
    }
