"""What tells one data set from another by its content, whatever it is called."""

import hashlib

import numpy as np

from zoo.data import memmap_reading
from zoo.data.dataset import Dataset


def fingerprint(dataset: Dataset) -> str:
    """Return the sha256 of all samples and labels of a data set, and of what it says of them.

    Its name and its place do not matter. Samples of a file are read piece by piece.
    """
    said = (dataset.value_range, dataset.scaling, dataset.binarized, dataset.normal_label)
    digest = hashlib.sha256(repr(said).encode())
    arrays: list[np.ndarray | None] = [dataset.train, dataset.validation, dataset.test]
    arrays.append(dataset.anomalies)
    if labels := dataset.labels:
        arrays += [labels.train, labels.validation, labels.test]
    for array in arrays:
        if array is None:
            digest.update(b"none")
            continue
        digest.update(f"{array.dtype.str} {array.shape}".encode())
        for chunk in memmap_reading.chunks(array):
            digest.update(np.ascontiguousarray(chunk).reshape(-1).view("uint8").data)
    return digest.hexdigest()
