"""Linear probe: how well a linear classifier tells the classes apart by their codes."""

from collections.abc import Iterable

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from zoo.data.dataset import Labels

# Inverse strengths of the L2 penalty to choose from, by validation.
STRENGTHS = (0.01, 0.1, 1.0)
MOST_ITERATIONS = 200


def accuracy(features: Iterable[np.ndarray], labels: Labels) -> float:
    """Return the test accuracy of logistic regression on standardised features.

    Args:
        features: Of the training, validation and test split, each `(samples, ...)`.
        labels: The classes. The penalty is the one that does best on the validation split.
    """
    train, validation, test = (values.reshape(len(values), -1) for values in features)
    fitted = [
        make_pipeline(
            StandardScaler(), LogisticRegression(C=strength, max_iter=MOST_ITERATIONS, tol=1e-3)
        ).fit(train, labels.train)
        for strength in STRENGTHS
    ]
    best = max(fitted, key=lambda probe: probe.score(validation, labels.validation))
    return float(best.score(test, labels.test))
