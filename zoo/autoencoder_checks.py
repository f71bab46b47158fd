"""Checks of what an autoencoder is made of, and of its attributes."""

import math
from numbers import Real
from typing import Any

import keras

from zoo.argument_checks import check_between, check_choice, check_whole
from zoo.errors import InputError
from zoo.model_operations import refuse_masks

LIKELIHOODS = ("gaussian", "bernoulli")


def check_halves(encoder: keras.Model, decoder: keras.Model) -> None:
    """Raise InputError unless the halves have their names, fit each other and mask no steps."""
    if (encoder.name, decoder.name) != ("encoder", "decoder"):
        raise InputError(
            "The halves of an autoencoder must be named encoder and decoder, but are "
            f"{encoder.name!r} and {decoder.name!r}: pass keras.Model(..., name='encoder')."
        )
    if encoder.output_shape[1:] != decoder.input_shape[1:]:
        raise InputError(
            f"The encoder gives codes of shape {encoder.output_shape[1:]}, but the decoder takes "
            f"{decoder.input_shape[1:]}: make them alike."
        )
    if encoder.input_shape[1:] != decoder.output_shape[1:]:
        raise InputError(
            f"The encoder takes samples of shape {encoder.input_shape[1:]}, but the decoder gives "
            f"{decoder.output_shape[1:]}: make them alike."
        )
    for half in (encoder, decoder):
        refuse_masks(half)


def check_kept(
    score_window: Any = 1, likelihood: Any = None, threshold: Any = None, value_range: Any = None
) -> None:
    """Raise InputError unless each attribute makes sense; None stands for one that is not set."""
    check_whole(1, score_window=score_window)
    if likelihood is not None:
        check_choice(LIKELIHOODS, likelihood=likelihood)
    if threshold is not None:
        check_between(0, math.inf, threshold=threshold)
    if value_range is not None and not _is_range(value_range):
        raise InputError(
            "value_range must be the lowest and the highest value of a sample, both finite, but "
            f"got {value_range!r}."
        )


def _is_range(value: Any) -> bool:
    numbers = isinstance(value, list | tuple) and all(isinstance(end, Real) for end in value)
    return numbers and len(value) == 2 and -math.inf < value[0] < value[1] < math.inf
