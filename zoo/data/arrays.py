"""A data set made of arrays."""

import math
from typing import Any

import numpy as np

from zoo.array_checks import WINDOWS
from zoo.data.dataset import Dataset, Labels
from zoo.errors import InputError


def from_arrays(
    train: np.ndarray,
    validation: np.ndarray,
    test: np.ndarray,
    *,
    labels: Labels | None = None,
    normal_label: int | None = None,
    anomalies: np.ndarray | None = None,
    name: str = "arrays",
    version: str = "",
    scaling: str = "as they come",
) -> Dataset:
    """Return a data set of three arrays, taken as float32.

    Args:
        train: Samples to fit on, `(samples, *sample_shape)`.
        validation: Samples to choose by; of the same shape.
        test: Samples to report on; of the same shape.
        labels: The class of each sample, where there are classes.
        normal_label: The class that `train` and `validation` hold alone.
        anomalies: Samples of other classes, to choose a threshold by.
        name: What the data are called in results.
        version: Which version they are.
        scaling: What the values are and how they were scaled, in words.

    Returns:
        The data set. Its `value_range` is [0, 1] if all values lie there, else any.

    Raises:
        InputError: A split is empty, its samples differ in length or in shape from the training
            split's, or a value is NaN or infinite.
    """
    splits = [_as_floats(split) for split in (train, validation, test)]
    unit = all(split.size == 0 or (split.min() >= 0 and split.max() <= 1) for split in splits)
    return Dataset(
        name,
        version,
        (0.0, 1.0) if unit else (-math.inf, math.inf),
        scaling,
        *splits,
        labels=labels,
        normal_label=normal_label,
        anomalies=anomalies,
    )


def _as_floats(split: Any) -> np.ndarray:
    try:
        return np.asarray(split, "float32")
    # NumPy raises either for rows of different length, and for what is no number.
    except (TypeError, ValueError) as error:
        raise InputError(
            f"Samples must be one array of numbers ({error}): convert them, and {WINDOWS}."
        ) from error
