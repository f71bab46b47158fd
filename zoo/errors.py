"""The errors that the zoo raises on purpose."""

from collections.abc import Sequence


class InputError(ValueError):
    """A value from outside was wrong; the message is one sentence for whoever passed it."""


class GateError(Exception):
    """A model or a file missed a gate; the message says which figure missed which bound.

    Attributes:
        missed: A sentence for each gate that was missed.
    """

    def __init__(self, name: str, missed: Sequence[str]):
        super().__init__(f"{name} missed its gates: {'; '.join(missed)}.")
        self.missed = list(missed)
