"""Drawing each value as 0 or 1, as likelihoods of binary data are measured."""

from dataclasses import replace

import numpy as np

from zoo.data.dataset import Dataset
from zoo.errors import InputError
from zoo.option_words import options

SEED = 0


def binarize(dataset: Dataset) -> Dataset:
    """Return the data with validation and test drawn as 0 or 1, by a fixed seed.

    A value is the probability of a 1. The training split keeps the probabilities: training draws
    afresh in each epoch.

    Raises:
        InputError: The values do not lie on [0, 1].
    """
    if dataset.value_range != (0, 1):
        raise InputError(
            f"binarize needs values on [0, 1], unlike those of {dataset.name!r}: use "
            f"{options(binarize=False)}."
        )
    rng = np.random.default_rng(SEED)
    drawn = {
        split: (rng.random(samples.shape) < samples).astype("float32")
        for split, samples in (("validation", dataset.validation), ("test", dataset.test))
    }
    scaling = f"{dataset.scaling}, then drawn as 0 or 1"
    return replace(dataset, **drawn, scaling=scaling, binarized=True)
