"""What a program can see of a model that does not fit its loss or its data, in sentences."""

import warnings
from typing import Any

import keras
import numpy as np

from zoo.option_words import options
from zoo.output_range import output_range
from zoo.registry import BUILT_IN

# The loss that makes a variational model's training loss its ELBO, by its likelihood.
LIKELIHOOD_LOSS: dict[str | None, str] = {"gaussian": "mse", "bernoulli": "binary_crossentropy"}
KNOWN_LOSSES = {
    "mse": "mse",
    "mean_squared_error": "mse",
    "binary_crossentropy": "binary_crossentropy",
}
# Values may leave the range of the output by this share of their own range: rounding does.
SLACK = 1e-3
FEW = 100


def warn(model: Any, samples: Any) -> None:
    """Warn where an array and the loss do not suit the model that is fitted.

    Args:
        model: A compiled `zoo.Autoencoder`.
        samples: What it is fitted on. Anything but a NumPy array is passed over: the zoo's own
            training checks its data itself.
    """
    if not isinstance(samples, np.ndarray) or not samples.size or samples.dtype.kind not in "fiu":
        return
    found = (
        wrong_loss(model, getattr(model, "loss", None)),
        beyond_output(model, float(samples.min()), float(samples.max())),
        alike(samples),
    )
    for sentence in filter(None, found):
        # The caller of the method `fit` that calls this.
        warnings.warn(sentence, stacklevel=3)


def beyond_output(model: Any, lowest: float, highest: float) -> str | None:
    """Return what is wrong where data reach beyond what the model can give; None if they do not."""
    low, high = output_range(model.decoder)
    slack = SLACK * (highest - lowest)
    if lowest >= low - slack and highest <= high + slack:
        return None
    return (
        f"The data reach from {lowest:g} to {highest:g}, but the output of this {model.name!r} "
        f"model only from {low:g} to {high:g}: {_linear(model)}, or scale the data."
    )


def _linear(model: Any) -> str:
    """Return how the output of a model gets no bounds."""
    if model.name in BUILT_IN:
        return f"use {options({'output_activation': 'linear'})}"
    return "give its last layer a linear activation"


def alike(samples: np.ndarray) -> str | None:
    """Return what is wrong where all samples are the same; None if they differ."""
    # The first ones tell most data apart.
    few = samples[:FEW] == samples[:1]
    if len(samples) < 2 or not few.all() or not (samples == samples[:1]).all():
        return None
    return "All samples are the same, so there is nothing to learn: check how the data were made."


def wrong_loss(model: Any, loss: Any) -> str | None:
    """Return what is wrong with the loss for the model; None for one that fits or is not known.

    Args:
        model: A `zoo.Autoencoder`.
        loss: What `compile` takes.
    """
    if getattr(loss, "from_logits", False) or not isinstance(loss, str | keras.losses.Loss):
        return None
    known = KNOWN_LOSSES.get(loss if isinstance(loss, str) else loss.name)
    wanted = LIKELIHOOD_LOSS.get(model.likelihood, known)
    if known and known != wanted:
        return (
            f"The loss of this {model.name!r} model must be {wanted} for its likelihood "
            f"{model.likelihood!r}, but is {known}: use {options(loss=wanted)}."
        )
    low, high = output_range(model.decoder)
    if known == "binary_crossentropy" and (low < 0 or high > 1):
        return (
            f"The loss binary_crossentropy needs an output on [0, 1], but that of this "
            f"{model.name!r} model leaves it: use {options({'output_activation': 'sigmoid'})}, or "
            f"{options(loss='mse')}."
        )
    return None
