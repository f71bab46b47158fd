"""A data set in three splits, as the stages take it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo.array_checks import WINDOWS
from zoo.data import memmap_reading
from zoo.errors import InputError


@dataclass(frozen=True)
class Labels:
    """The class of each sample of each split, as a number."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """Three disjoint splits of one data set, float32, `(samples, *sample_shape)`.

    Attributes:
        name: Name of the data set.
        version: Version of the data set and where it came from.
        value_range: Lowest and highest value a sample may hold; infinite where any finite one may.
        scaling: What the values are and how they were scaled, in words.
        train: Samples to fit on; a `np.memmap` where they are too many for memory.
        validation: Samples cut from the training split, to choose by.
        test: Samples to report on, never to choose by.
        labels: The classes of the samples, where they have any.
        binarized: The values of validation and test were drawn as 0 or 1; the training split holds
            the probabilities of 1.
        normal_label: The class that train and validation hold alone; None where they hold all.
        anomalies: The samples of the other classes that were cut from them: to choose a threshold
            by, never to train on.

    Raises:
        InputError: A split is empty, its samples differ in shape from the training split's, or a
            value is NaN, infinite or out of range.
    """

    name: str
    version: str
    value_range: tuple[float, float]
    scaling: str
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    labels: Labels | None = None
    binarized: bool = False
    normal_label: int | None = None
    anomalies: np.ndarray | None = None

    @property
    def anomalous(self) -> np.ndarray | None:
        """Whether each test sample is an anomaly, `(samples,)`; None where no class is normal."""
        if self.labels is None or self.normal_label is None:
            return None
        return self.labels.test != self.normal_label

    def describe(self) -> dict[str, Any]:
        """Return what a result says of its data, in plain values."""
        splits = ("train", "validation", "test")
        described = {
            "name": self.name,
            "version": self.version,
            "scaling": self.scaling,
            "sample_shape": list(self.train.shape[1:]),
            "samples": {split: len(getattr(self, split)) for split in splits},
        }
        if self.anomalous is not None:
            described["test_anomalies"] = int(self.anomalous.sum())
        return described

    def __post_init__(self) -> None:
        for split in ("train", "validation", "test"):
            samples = getattr(self, split)
            place = f"The {split} split of {self.name!r}"
            if samples.ndim < 2:
                raise InputError(
                    f"{place} has shape {samples.shape}: it needs (samples, *sample_shape)."
                )
            if len(samples) == 0:
                raise InputError(f"{place} is empty: it needs at least one sample.")
            if samples.shape[1:] != self.train.shape[1:]:
                raise InputError(
                    f"{place} has samples of shape {samples.shape[1:]}, unlike the training "
                    f"split's {self.train.shape[1:]}: make them alike."
                )
            if isinstance(samples, np.memmap) and not samples.flags.c_contiguous:
                raise InputError(f"{place} is not contiguous in its file: copy it to another.")
            lowest, highest = memmap_reading.bounds(samples)
            if not np.isfinite([lowest, highest]).all():
                raise InputError(
                    f"{place} holds NaN or infinity: remove or repair the samples, and {WINDOWS} "
                    "where NaN fills them up."
                )
            low, high = self.value_range
            if lowest < low or highest > high:
                raise InputError(
                    f"{place} has values from {lowest:g} to {highest:g}, outside "
                    f"[{low:g}, {high:g}]: scale them."
                )


def check_shape(dataset: Dataset, sample_shape: tuple[int, ...]) -> None:
    """Raise InputError unless the samples have the shape that a model takes."""
    found = dataset.test.shape[1:]
    if found != tuple(sample_shape):
        raise InputError(
            f"The model takes samples of shape {tuple(sample_shape)}, but those of "
            f"{dataset.name!r} have {found}: reshape them."
        )
