"""A model, or a baseline beside it, by what it does with samples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from zoo.evaluation.likelihood import Posterior
    from zoo.evaluation.model_outputs import Outputs

Function = Callable[[np.ndarray], np.ndarray]


def _missing(_):
    raise TypeError("A figure was asked of a method that lacks the function it is computed from.")


@dataclass(frozen=True)
class Method:
    """A model or a baseline, by its functions of samples, `(samples, *sample_shape)`.

    A baseline has those functions alone that the figures which name it are computed from.

    Attributes:
        reconstruct: Returns reconstructions, in the shape of the samples.
        encode: Returns codes or other features, `(samples, ...)`.
        score: Returns anomaly scores, `(samples,)`; None for errors of the reconstructions.
        posterior: Returns the distributions q(z|x) of the codes.
        likelihood: Takes the method's `Outputs` and returns bounds on the negative log-likelihood
            of the test split by their names, in nats.
    """

    reconstruct: Function = _missing
    encode: Function = _missing
    score: Function | None = None
    posterior: Callable[[np.ndarray], "Posterior"] = _missing
    likelihood: Callable[["Outputs"], Mapping[str, float]] = _missing
