"""Samples that stay in a file, `np.memmap`: read piece by piece, so that memory stays free.

Indexing a `np.memmap` leaves the pages it touched in memory; these functions read without it.
"""

from collections.abc import Iterator

import numpy as np

# Samples of a file are read by so many bytes at a time.
CHUNK_BYTES = 32 << 20


def place(samples: np.memmap) -> tuple[str, int]:
    """Return the file and the byte at which contiguous samples begin, those of a view as well."""
    whole = samples
    while isinstance(whole.base, np.memmap):
        whole = whole.base
    address = [array.__array_interface__["data"][0] for array in (samples, whole)]
    return str(whole.filename), whole.offset + address[0] - address[1]


def head(samples: np.ndarray, count: int) -> np.ndarray:
    """Return at most so many of the first samples; those of a file as a copy in memory."""
    if not isinstance(samples, np.memmap):
        return samples[:count]
    shape = (min(count, len(samples)), *samples.shape[1:])
    filename, offset = place(samples)
    return np.fromfile(filename, samples.dtype, int(np.prod(shape)), offset=offset).reshape(shape)


def chunks(samples: np.ndarray) -> Iterator[np.ndarray]:
    """Yield all samples, those of a file by about `CHUNK_BYTES`."""
    if not isinstance(samples, np.memmap):
        yield samples
        return
    size = max(CHUNK_BYTES // samples[0].nbytes, 1)
    for start in range(0, len(samples), size):
        yield head(samples[start:], size)


def bounds(samples: np.ndarray) -> tuple[float, float]:
    """Return the lowest and the highest value; both are NaN where one value is."""
    extremes = [(chunk.min(), chunk.max()) for chunk in chunks(samples)]
    return float(np.min(extremes)), float(np.max(extremes))
