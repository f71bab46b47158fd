"""What a figure or a baseline needs of a model and its data; without it, it is left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder
    from zoo.data import Dataset


@dataclass(frozen=True)
class Need:
    """A condition on a model and its data.

    Attributes:
        words: The condition in words, to follow "needs".
        holds: Returns whether a model and a data set meet it.
    """

    words: str
    holds: Callable[["Autoencoder", "Dataset"], bool]


def _has_classes(model: "Autoencoder", dataset: "Dataset") -> bool:
    labels = dataset.labels
    return labels is not None and len(np.unique(labels.train)) > 1


UNIT_RANGE = Need("values on [0, 1]", lambda model, dataset: dataset.value_range == (0, 1))
IMAGES = Need("images", lambda model, dataset: dataset.test.ndim == 4)
CLASSES = Need("training samples of several classes", _has_classes)
BINARIZED = Need("values drawn as 0 or 1", lambda model, dataset: dataset.binarized)
NOT_BINARIZED = Need("values as they come", lambda model, dataset: not dataset.binarized)
NORMAL_CLASS = Need(
    "one normal class, and anomalies to choose a threshold by",
    lambda model, dataset: dataset.normal_label is not None and dataset.anomalies is not None,
)
PRIOR = Need("a model with a prior", lambda model, dataset: model.has_prior)
CORRUPTION = Need(
    "a model that corrupts its input", lambda model, dataset: model.corruption is not None
)
