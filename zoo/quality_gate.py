"""Bounds that figures must keep."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic.types import StrictFloat, StrictStr


@dataclass(frozen=True)
class Gate:
    """A bound that one figure of the result must keep.

    Attributes:
        figure: Name of a figure, such as `test_mse_over_pca`.
        at_most: Largest value that passes.
        at_least: Smallest value that passes.
    """

    # Where a recipe is checked, a bound whose name is misspelt must not be lost.
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    figure: StrictStr
    at_most: StrictFloat = math.inf
    at_least: StrictFloat = -math.inf

    def holds(self, value: float) -> bool:
        """Return whether the value passes; NaN never does."""
        return self.at_least <= value <= self.at_most

    @property
    def bounds(self) -> dict[str, float]:
        """Those of `at_most` and `at_least` that are finite."""
        bounds = {"at_most": self.at_most, "at_least": self.at_least}
        return {name: value for name, value in bounds.items() if math.isfinite(value)}

    def to_json(self) -> dict[str, Any]:
        """Return the figure and those bounds that are there."""
        return {"figure": self.figure, **self.bounds}

    def __str__(self) -> str:
        words = [f"{name.replace('_', ' ')} {value:g}" for name, value in self.bounds.items()]
        return f"{self.figure} {' and '.join(reversed(words))}"
