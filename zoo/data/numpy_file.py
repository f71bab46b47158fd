"""Samples of one's own in a `.npy` file, as `numpy.save` writes it."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zoo.array_checks import WINDOWS
from zoo.data.dataset import Dataset
from zoo.data.splitting import BATCH, TEST_SHARE, VALIDATION_SHARE, distribute, first, limit_of
from zoo.errors import InputError

# How 8-bit values are scaled, in words.
DIVIDED = "8-bit values divided by 255"
# Test and validation are at most so many samples each.
MOST_HELD_OUT = 5_000


def read(name: str, max_samples: int | None, scratch: str | os.PathLike | None = None) -> Dataset:
    """Return the samples of a file in three splits.

    Args:
        name: Path of a `.npy` file with an array `(samples, *sample_shape)` of floats, which stay
            as they are, or of 8-bit values, which are divided by 255.
        max_samples: Keep at most so many of the first samples of each split; None keeps all.
        scratch: Folder for splits too large for memory, see `splitting.distribute`.

    Raises:
        InputError: No such file, or its array is unfit for an autoencoder.
    """
    path = Path(name)
    if path.exists() and not path.is_file():
        raise InputError(f"The data {name!r} are no regular file: name one that numpy.save wrote.")
    try:
        samples = np.load(path, mmap_mode="r", allow_pickle=False)
        if not isinstance(samples, np.ndarray):
            raise ValueError("it is an archive, .npz")
    # NumPy raises errors of many types on a damaged file.
    except Exception as error:
        objects = "object" in str(error).lower()
        advice = WINDOWS if objects else "name a .npy file that numpy.save wrote"
        raise InputError(
            f"The data {name!r} cannot be read as an array of numbers ({error}): {advice}."
        ) from error
    bits = samples.dtype == np.uint8
    if wrong := _unfit(samples):
        raise InputError(
            f"The data {name!r} are {samples.dtype} of shape {samples.shape}: {wrong}."
        )
    count = min(limit_of(max_samples) or len(samples), len(samples))
    tested = min(math.ceil(TEST_SHARE * count), MOST_HELD_OUT)
    validated = min(math.ceil(VALIDATION_SHARE * (count - tested)), MOST_HELD_OUT)
    unit = True

    def batches() -> Iterator[np.ndarray]:
        nonlocal unit
        for start in range(0, count, BATCH):
            # Opened anew: what is read through a map stays in memory as long as the map.
            part = np.load(path, mmap_mode="r", allow_pickle=False)[start : start + BATCH]
            part = part[: count - start].astype("float32") / np.float32(255 if bits else 1)
            unit = unit and part.min() >= 0 and part.max() <= 1
            yield part

    parts = distribute(batches(), (count, *samples.shape[1:]), [validated, tested], scratch)
    train, validation, test = first(parts, max_samples)
    return Dataset(
        name,
        f"{path.name}, {len(samples)} samples",
        (0.0, 1.0) if unit else (-math.inf, math.inf),
        DIVIDED if bits else "as they come",
        train,
        validation,
        test,
    )


def _unfit(samples: np.ndarray) -> str:
    """Return why an array is unfit for an autoencoder, and what to do; empty if it is fit."""
    if samples.dtype != np.uint8 and samples.dtype.kind != "f":
        casts = {"i": "astype('float32')", "u": "astype('float32')", "b": "astype('float32')"}
        how = casts.get(samples.dtype.kind, "an array of real numbers")
        return f"they must be floats or 8-bit values (uint8), so save {how}, scaled"
    if samples.ndim < 2:
        return (
            "they need (samples, *sample_shape), so cut one series into windows of equal length, "
            "such as np.lib.stride_tricks.sliding_window_view(x, 64)[::64]"
        )
    if len(samples) < 3 or 0 in samples.shape:
        return "they need at least 3 samples, none of them empty, as (samples, *sample_shape)"
    return ""
