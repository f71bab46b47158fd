"""What a folder with a `result.json` was made from: its files, its data, its headline figure."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from zoo import data
from zoo.errors import InputError
from zoo.exporting.verifying import identify

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
        InputError: The data are missing or damaged.
    """
    if "epochs" in result["recipe"]:
        # Of the recipe only its data matter here: its model need not be registered.
        choices = {name: result["recipe"][name] for name in CHOICES}
        return data.load(
            result["recipe"]["data"],
            data_dir=data_dir,
            download=download,
            scratch=scratch,
            **choices,
        )
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
