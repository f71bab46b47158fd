"""The one error that means: what you passed in is wrong, and here is what to do."""


class InputError(ValueError):
    """A value from outside was wrong; the message is one sentence for whoever passed it."""
