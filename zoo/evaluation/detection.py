"""Anomaly detection: how well scores tell anomalies, the positive class, from normal samples."""

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    roc_auc_score,
    roc_curve,
)


def ranking(scores: np.ndarray, anomalous: np.ndarray) -> dict[str, float]:
    """Return `auc`, the area under the ROC curve, and `ap`, average precision, on [0, 1].

    Args:
        scores: `(samples,)`, higher for what is more anomalous.
        anomalous: Whether each sample is an anomaly.
    """
    return {
        "auc": float(roc_auc_score(anomalous, scores)),
        "ap": float(average_precision_score(anomalous, scores)),
    }


def choose_threshold(normal: np.ndarray, anomalies: np.ndarray) -> float:
    """Return the score above which most samples of both kinds are told right, both weighing alike.

    Args:
        normal: Scores of normal validation samples.
        anomalies: Scores of anomalies that are in neither the training nor the test split.

    Returns:
        The middle between the two scores nearest to the best cut.
    """
    anomalous = np.repeat([False, True], [len(normal), len(anomalies)])
    # Thresholds descend from infinity; at each, the scores from there on are taken for anomalies.
    false, true, thresholds = roc_curve(
        anomalous, np.concatenate([normal, anomalies]), drop_intermediate=False
    )
    best = 1 + int(np.argmax((true - false)[1:-1]))
    return float(thresholds[best : best + 2].mean())


def detection(scores: np.ndarray, anomalous: np.ndarray, threshold: float) -> dict[str, float]:
    """Return how well a threshold tells anomalies: scores above it are taken for anomalies.

    Returns:
        `accuracy`; the anomalies' `f1`; `false_alarms`, the share of normal samples above the
        threshold; and `misses`, the share of anomalies that are not.
    """
    found = scores > threshold
    return {
        "accuracy": float(accuracy_score(anomalous, found)),
        "f1": float(f1_score(anomalous, found)),
        "false_alarms": float(np.mean(found[~anomalous])),
        "misses": float(np.mean(~found[anomalous])),
    }


def fit_isolation_forest(train: np.ndarray) -> IsolationForest:
    """Fit an isolation forest to normal samples (Liu et al., Isolation Forest, ICDM 2008)."""
    return IsolationForest(random_state=0).fit(train.reshape(len(train), -1))


def isolation_forest_scores(forest: IsolationForest, samples: np.ndarray) -> np.ndarray:
    """Return the forest's scores: `(samples,)`, higher for what is more anomalous."""
    return -forest.score_samples(samples.reshape(len(samples), -1))
