"""The loop of an LSTM for XLA: the same function and gradient as Keras's loop, in less time.

What does not depend on the step before is computed for all steps at once: the projection of the
inputs, the derivatives of the gates, and the gradient of the recurrent weights.
"""

from typing import Any

import keras
import tensorflow as tf
from tensorflow.compiler.tf2xla.python import xla

from zoo.layers import LSTM, lstm_step


def serves(layer: keras.layers.Layer) -> bool:
    """Return whether `inner_loop` computes what the layer computes."""
    return (
        type(layer) is LSTM
        and layer.activation is keras.activations.tanh
        and layer.recurrent_activation is keras.activations.sigmoid
        and layer.use_bias
        and not (layer.dropout or layer.recurrent_dropout)
        and not (layer.go_backwards or layer.stateful or layer.return_state)
    )


def inner_loop(layer: LSTM, sequences, initial_state, mask, training=False):
    """Take the place of `LSTM.inner_loop` inside an XLA program.

    The initial state must be 0 and there must be no mask; see `serves`.

    Args:
        layer: The layer.
        sequences: `(batch, steps, features)`.

    Returns:
        The last hidden state, `(batch, units)`; all hidden states, `(batch, steps, units)`; and an
        empty list in place of the final states.
    """
    cell, steps = layer.cell, sequences.shape[1]
    inputs = sequences[:, :1] if layer.constant_input else sequences
    projected = tf.tensordot(tf.transpose(inputs, (1, 0, 2)), tf.convert_to_tensor(cell.kernel), 1)
    projected += tf.convert_to_tensor(cell.bias)
    hidden = recur(projected, tf.convert_to_tensor(cell.recurrent_kernel), steps)
    return hidden[-1], tf.transpose(hidden, (1, 0, 2)), []


def recur(projected, recurrent_kernel, steps: int):
    """Run the LSTM over projected inputs.

    Args:
        projected: Projected inputs plus bias, `(steps, batch, 4 * units)`; one step stands for all
            where the input is constant.
        recurrent_kernel: `(units, 4 * units)`.
        steps: Number of steps.

    Returns:
        Hidden states, `(steps, batch, units)`.
    """

    @tf.custom_gradient
    def run(projected, recurrent_kernel) -> Any:
        hidden, carry, gates = _forward(projected, recurrent_kernel, steps)

        def gradient(upstream):
            return _backward(
                upstream, hidden, carry, gates, recurrent_kernel, projected.shape[0] == 1
            )

        return hidden, gradient

    return run(projected, recurrent_kernel)


def _forward(projected, recurrent_kernel, steps: int):
    """Return the hidden states, cell states and gates of all steps, `(steps, batch, ...)`."""
    constant = projected.shape[0] == 1
    batch, units = projected.shape[1], recurrent_kernel.shape[0]
    start = tf.zeros((batch, units), projected.dtype)

    def step(t, hidden, carry, *kept):
        sums = tf.matmul(hidden, recurrent_kernel) + projected[0 if constant else t]
        hidden, carry, gates = lstm_step(sums, carry)
        now = hidden, carry, tf.concat(gates, 1)
        kept = [_put(all_, one, t) for all_, one in zip(kept, now, strict=True)]
        return t + 1, hidden, carry, *kept

    kept = [tf.zeros((steps, batch, size), projected.dtype) for size in (units, units, 4 * units)]
    _, _, _, *kept = tf.while_loop(
        lambda t, *_: t < steps, step, (tf.constant(0), start, start, *kept)
    )
    return kept


def _backward(upstream, hidden, carry, gates, recurrent_kernel, constant: bool):
    """Return the gradients by `projected` and by `recurrent_kernel`, from that by `hidden`."""
    steps, batch, units = hidden.shape
    start = tf.zeros((1, batch, units), hidden.dtype)
    hidden_before = tf.concat([start, hidden[:-1]], 0)
    carry_before = tf.concat([start, carry[:-1]], 0)
    admit, forget, candidate, emit = tf.split(gates, 4, axis=2)
    squashed = tf.tanh(carry)
    to_carry = emit * (1 - squashed**2)
    # Three gates are reached through the cell state, the last through the hidden state.
    slopes = tf.concat(
        [
            candidate * admit * (1 - admit),
            carry_before * forget * (1 - forget),
            admit * (1 - candidate**2),
            squashed * emit * (1 - emit),
        ],
        2,
    )
    transposed = tf.transpose(recurrent_kernel)

    def step(i, of_hidden, of_carry, sums):
        t = steps - 1 - i
        of_hidden += upstream[t]
        of_carry += of_hidden * to_carry[t]
        now = slopes[t] * tf.concat([of_carry, of_carry, of_carry, of_hidden], 1)
        return i + 1, tf.matmul(now, transposed), of_carry * forget[t], _put(sums, now, t)

    _, _, _, sums = tf.while_loop(
        lambda i, *_: i < steps, step, (tf.constant(0), start[0], start[0], tf.zeros_like(gates))
    )
    of_kernel = tf.einsum("tbi,tbj->ij", hidden_before, sums)
    return (tf.reduce_sum(sums, 0, keepdims=True) if constant else sums), of_kernel


def _put(all_, one, t):
    """Return `all_`, `(steps, batch, size)`, with `one`, `(batch, size)`, as its step `t`."""
    return xla.dynamic_update_slice(all_, one[None], tf.stack([t, 0, 0]))
