"""A data set in three splits, as the stages take it."""

from dataclasses import dataclass

import numpy as np

import zoo
from recipes import in_file


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

    def __post_init__(self) -> None:
        for split in ("train", "validation", "test"):
            samples = getattr(self, split)
            place = f"The {split} split of {self.name!r}"
            if samples.ndim < 2:
                raise zoo.InputError(
                    f"{place} has shape {samples.shape}: it needs (samples, *sample_shape)."
                )
            if len(samples) == 0:
                raise zoo.InputError(f"{place} is empty: it needs at least one sample.")
            if samples.shape[1:] != self.train.shape[1:]:
                raise zoo.InputError(
                    f"{place} has samples of shape {samples.shape[1:]}, unlike the training "
                    f"split's {self.train.shape[1:]}: make them alike."
                )
            if isinstance(samples, np.memmap) and not samples.flags.c_contiguous:
                raise zoo.InputError(f"{place} is not contiguous in its file: copy it to another.")
            # A NaN makes both NaN.
            bounds = [(chunk.min(), chunk.max()) for chunk in in_file.chunks(samples)]
            lowest, highest = np.min(bounds), np.max(bounds)
            if not np.isfinite([lowest, highest]).all():
                raise zoo.InputError(
                    f"{place} holds NaN or infinity: remove or repair the samples."
                )
            low, high = self.value_range
            if lowest < low or highest > high:
                raise zoo.InputError(
                    f"{place} has values from {lowest:g} to {highest:g}, outside "
                    f"[{low:g}, {high:g}]: scale them."
                )
