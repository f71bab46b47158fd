"""The LSTM, and what one step of it computes."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("zoo")
class LSTM(keras.layers.LSTM):
    """Keras's LSTM, which may be told that its input is the same at each step.

    An exported file then projects the input once, not at each step.

    Args:
        units: Units of the state and of the output.
        constant_input: The input is the same at each step.
    """

    def __init__(self, units: int, constant_input: bool = False, **kwargs: Any):
        super().__init__(units, **kwargs)
        self.constant_input = constant_input

    def get_config(self):
        return {**super().get_config(), "constant_input": self.constant_input}


def lstm_step(sums, carry):
    """Return what an LSTM's step makes of its gates' sums.

    Args:
        sums: Projected input plus projected hidden state plus bias, `(batch, 4 * units)`, in
            Keras's order: input gate, forget gate, candidate, output gate.
        carry: The cell state before the step, `(batch, units)`.

    Returns:
        The hidden state, the cell state, and the four gates `(admit, forget, candidate, emit)`
        after their activations; each `(batch, units)`.

    Reference:
        Hochreiter & Schmidhuber, Long Short-Term Memory, Neural Computation 9 (1997); the forget
        gate of Gers et al., 2000.
    """
    admit, forget, candidate, emit = ops.split(sums, 4, axis=1)
    admit, forget, emit = ops.sigmoid(admit), ops.sigmoid(forget), ops.sigmoid(emit)
    candidate = ops.tanh(candidate)
    carry = forget * carry + admit * candidate
    return emit * ops.tanh(carry), carry, (admit, forget, candidate, emit)
