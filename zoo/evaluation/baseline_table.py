"""The table of baselines: what each is called, what it needs, and how it is computed.

All are fitted on the training and the validation split together, since they have no setting that is
chosen on the validation split; those that have one are fitted on the training split. scikit-learn
and SciPy are loaded on first use, so that the table can be read without them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zoo.evaluation.evaluated_method import Method
from zoo.evaluation.figure_requirements import CORRUPTION, FEW_VALUES, IMAGES, NO_LAMBDA, Need
from zoo.evaluation.reconstruction import cross_entropy, mse

if TYPE_CHECKING:
    from zoo.evaluation.model_outputs import Inputs

# Standard deviations, in pixels, that the width of the Gaussian filter is chosen from.
FILTER_WIDTHS = (0.5, 0.75, 1.0, 1.25, 1.5)


@dataclass(frozen=True)
class Baseline:
    """Something simpler than a model, to compare the model with.

    Attributes:
        label: What it is, as the title of a column.
        short: What it is in a word or two, to stand beside a headline figure.
        fit: Returns the baseline, fitted to the data.
        needs: Conditions beyond those of the figures.
    """

    label: str
    short: str
    fit: Callable[["Inputs"], Method]
    needs: tuple[Need, ...] = ()


def _mean(inputs: "Inputs") -> Method:
    """Always answer the mean of the samples."""
    mean = np.mean(inputs.fitted, axis=0)
    return Method(
        reconstruct=lambda samples: np.broadcast_to(mean, samples.shape),
        # Of values that are independent of each other.
        likelihood=lambda outputs: {
            "nll_nats": cross_entropy(outputs.reconstructions, outputs.samples)
            * math.prod(mean.shape)
        },
    )


def _pca(inputs: "Inputs") -> Method:
    """PCA with as many components as the code has values, or as many as there can be."""
    from sklearn.decomposition import PCA

    flat = inputs.fitted.reshape(len(inputs.fitted), -1)
    solver = "full" if len(flat) < 2000 else "auto"
    pca = PCA(min(inputs.latent_dim, *flat.shape), svd_solver=solver, random_state=0).fit(flat)

    def encode(samples: np.ndarray) -> np.ndarray:
        return pca.transform(samples.reshape(len(samples), -1))

    return Method(
        reconstruct=lambda samples: pca.inverse_transform(encode(samples)).reshape(samples.shape),
        encode=encode,
    )


def _raw(inputs: "Inputs") -> Method:
    """The samples themselves in place of their codes."""
    return Method(encode=lambda samples: samples)


def _untrained(inputs: "Inputs") -> Method:
    """The model with random weights: what its architecture does without training."""
    from zoo.evaluation.model_outputs import predict

    return Method(encode=lambda samples: predict(inputs.untrained.encoder, samples))


def _linear(inputs: "Inputs") -> Method:
    """Linear regression from corrupted samples to clean ones, clipped to the range of the data."""
    from sklearn.linear_model import Ridge

    clean, count = inputs.fitted, len(inputs.fitted)
    corrupted = inputs.corrupt(clean)
    regression = Ridge().fit(corrupted.reshape(count, -1), clean.reshape(count, -1))

    def reconstruct(samples: np.ndarray) -> np.ndarray:
        found = regression.predict(samples.reshape(len(samples), -1))
        return np.clip(found, *inputs.dataset.value_range).reshape(samples.shape)

    return Method(reconstruct=reconstruct)


def _noisy(inputs: "Inputs") -> Method:
    """The corrupted inputs themselves in place of reconstructions."""
    return Method(reconstruct=lambda samples: samples)


def _filter(inputs: "Inputs") -> Method:
    """A Gaussian filter of the width that does best on the validation split."""
    from scipy.ndimage import gaussian_filter

    def filtered(images: np.ndarray, width: float) -> np.ndarray:
        return gaussian_filter(images, width, axes=(1, 2))

    def error(width: float) -> float:
        return mse(filtered(inputs.validation, width), inputs.dataset.validation)

    best = min(FILTER_WIDTHS, key=error)
    return Method(reconstruct=lambda samples: filtered(samples, best))


def _forest(inputs: "Inputs") -> Method:
    """An isolation forest of the normal samples."""
    from zoo.evaluation import detection

    forest = detection.fit_isolation_forest(inputs.fitted)
    return Method(score=lambda samples: detection.isolation_forest_scores(forest, samples))


# In the order of the columns. A baseline's figures are named `<figure>_<baseline>`.
BASELINES = {
    "mean": Baseline("training mean", "mean", _mean),
    "pca": Baseline("PCA, code of the same size", "PCA", _pca),
    "raw": Baseline("raw values", "raw values", _raw),
    "untrained": Baseline("the model, untrained", "untrained", _untrained, needs=(NO_LAMBDA,)),
    "noisy": Baseline("noisy input", "noisy input", _noisy, needs=(CORRUPTION,)),
    "filter": Baseline("Gaussian filter", "Gaussian filter", _filter, needs=(CORRUPTION, IMAGES)),
    "linear": Baseline(
        "linear regression", "linear regression", _linear, needs=(CORRUPTION, FEW_VALUES)
    ),
    "forest": Baseline("isolation forest", "isolation forest", _forest),
}
