"""What a figure or a baseline needs of a model and its data; without it, it is left out."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder
    from zoo.data import Dataset


# A regression from every value to every value takes their cube in time.
MOST_VALUES = 4096


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


def _has_anomalies(model: "Autoencoder", dataset: "Dataset") -> bool:
    anomalous = dataset.anomalous
    if anomalous is None or dataset.anomalies is None or len(dataset.anomalies) == 0:
        return False
    return bool(anomalous.any() and not anomalous.all())


UNIT_RANGE = Need("values on [0, 1]", lambda model, dataset: dataset.value_range == (0, 1))
FEW_VALUES = Need(
    f"samples of at most {MOST_VALUES:,} values",
    lambda model, dataset: math.prod(dataset.test.shape[1:]) <= MOST_VALUES,
)
IMAGES = Need("images", lambda model, dataset: dataset.test.ndim == 4)
CLASSES = Need("training samples of several classes", _has_classes)
BINARIZED = Need("values drawn as 0 or 1", lambda model, dataset: dataset.binarized)
NOT_BINARIZED = Need("values as they come", lambda model, dataset: not dataset.binarized)
NORMAL_CLASS = Need(
    "one normal class, and anomalies to choose a threshold by and to test on", _has_anomalies
)
PRIOR = Need("a model with a prior", lambda model, dataset: model.has_prior)
CORRUPTION = Need(
    "a model that corrupts its input", lambda model, dataset: model.corruption is not None
)
# Keras rebuilds no Lambda layer in safe mode.
NO_LAMBDA = Need(
    "a model without Lambda layers",
    lambda model, dataset: "Lambda" not in {type(layer).__name__ for layer in model.encoder.layers},
)
