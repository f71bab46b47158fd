"""Training on one class alone, to detect the others as anomalies."""

from dataclasses import replace

import numpy as np

from zoo.data.dataset import Dataset, Labels
from zoo.errors import InputError


def keep(dataset: Dataset, normal_label: int, max_samples: int | None) -> Dataset:
    """Return the data with one class in train and validation; the test split stays whole.

    Args:
        dataset: Labelled data.
        normal_label: The class to keep; the others of train and validation are the `anomalies`.
        max_samples: Keep at most so many evenly spaced samples of each split; None keeps all.

    Raises:
        InputError: The data have no labels, or not this one.
    """

    def thinned(values: np.ndarray) -> np.ndarray:
        if max_samples is None or len(values) <= max_samples:
            return values
        return values[np.linspace(0, len(values) - 1, max_samples).astype(int)]

    labels = dataset.labels
    if labels is None:
        raise InputError(
            f"{dataset.name!r} has no labels, but normal_label is {normal_label}: leave "
            "--normal-label out (normal_label=None), or choose labelled data."
        )
    known = sorted({*labels.train.tolist()} & {*labels.validation.tolist()})
    if normal_label not in known:
        raise InputError(
            f"{dataset.name!r} has the labels {known}, but normal_label is {normal_label}: "
            "choose one of them by --normal-label (normal_label=)."
        )
    normal = [part == normal_label for part in (labels.train, labels.validation)]
    anomalies = np.concatenate([dataset.train[~normal[0]], dataset.validation[~normal[1]]])
    return replace(
        dataset,
        train=thinned(dataset.train[normal[0]]),
        validation=thinned(dataset.validation[normal[1]]),
        test=thinned(dataset.test),
        anomalies=thinned(anomalies),
        labels=Labels(
            thinned(labels.train[normal[0]]),
            thinned(labels.validation[normal[1]]),
            thinned(labels.test),
        ),
        normal_label=normal_label,
    )
