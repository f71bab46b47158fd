"""Splits of samples by a fixed seed, in memory or in files."""

import math
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from zoo.write_errors import writing

SEED = 0
VALIDATION_SHARE = 0.1
# For sets that come without a test split.
TEST_SHARE = 0.2
# Samples that are read at once.
BATCH = 1000
# A split of more bytes stays in a file, where the caller lends a folder for it. One in memory is
# there three times while a model trains: as an array, as a tensor, and as what the steps gather.
BYTES_IN_MEMORY = 192 << 20


def cut(samples: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut a share off the samples by a fixed seed; both parts are shuffled."""
    count = math.ceil(share * len(samples))
    rest, part = distribute([samples], samples.shape, [count])
    return rest, part


def distribute(
    batches: Iterable[np.ndarray],
    shape: tuple[int, ...],
    held_out: Sequence[int],
    scratch: str | os.PathLike | None = None,
) -> list[np.ndarray]:
    """Cut parts off samples that come in batches, by a fixed seed; all parts are shuffled.

    Args:
        batches: All samples, in batches of any size.
        shape: Of all of them, `(samples, *sample_shape)`.
        held_out: Number of samples of each part that is split off.
        scratch: Folder for parts of more than `BYTES_IN_MEMORY`; None takes all into memory.

    Returns:
        What is left, and the parts, of the batches' type; a `np.memmap` for one in a file.

    Raises:
        InputError: The scratch folder is full, or cannot be written to.
    """
    count, *sample_shape = shape
    order = np.random.default_rng(SEED).permutation(count)
    places = np.empty(count, "int64")
    places[order] = np.arange(count)
    bounds = np.cumsum([0, *held_out, count - sum(held_out)])
    parts = []
    for batch in batches:
        parts = parts or [
            _empty((size, *sample_shape), batch.dtype, scratch) for size in np.diff(bounds)
        ]
        now, places = places[: len(batch)], places[len(batch) :]
        for part, low, high in zip(parts, bounds[:-1], bounds[1:], strict=True):
            mine = (low <= now) & (now < high)
            _put(part, now[mine] - low, batch[mine])
    *cut_off, rest = parts
    return [rest, *cut_off]


def first(parts: Sequence[np.ndarray], count: int | None) -> list[np.ndarray]:
    """Return at most so many of the first samples of each part; None keeps all."""
    return [part[:count] for part in parts]


def limit_of(max_samples: int | None) -> int | None:
    """Return how many samples to read, so that a split of `max_samples` is left after the cuts."""
    return max_samples and math.ceil(max_samples / (1 - VALIDATION_SHARE - TEST_SHARE))


def _empty(shape: tuple[int, ...], dtype: np.dtype, scratch: str | os.PathLike | None):
    size = math.prod(shape) * dtype.itemsize
    if scratch is None or size <= BYTES_IN_MEMORY:
        return np.empty(shape, dtype)
    with writing(scratch):
        handle, path = tempfile.mkstemp(dir=scratch)
        try:
            # Taken at once: a disk that is too small is found out before hours of reading.
            os.posix_fallocate(handle, 0, size)
        finally:
            os.close(handle)
    return np.memmap(path, dtype, "r+", shape=shape)


def _put(part: np.ndarray, places: np.ndarray, samples: np.ndarray) -> None:
    if not isinstance(part, np.memmap):
        part[places] = samples
        return
    # Not by the map, whose pages would stay in memory.
    path = Path(str(part.filename))
    with writing(path.parent), path.open("r+b", buffering=0) as file:
        for place, sample in zip(places, samples, strict=True):
            file.seek(place * sample.nbytes)
            file.write(sample.tobytes())
