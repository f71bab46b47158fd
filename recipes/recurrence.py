"""The LSTM as one XLA program: the same function and gradient as Keras's loop, in fewer steps.

What does not depend on the step before is done for all steps at once: the projection of the inputs,
the slopes of the gates, and the gradient of the recurrent weights.
"""

from typing import Any

import keras
import tensorflow as tf
from tensorflow.compiler.tf2xla.python import xla

from zoo.layers import LSTM


def serves(layer: keras.layers.Layer) -> bool:
    """Return whether `inner_loop` does what the layer does."""
    return (
        type(layer) is LSTM
        and layer.activation is keras.activations.tanh
        and layer.recurrent_activation is keras.activations.sigmoid
        and layer.use_bias
        and not (layer.dropout or layer.recurrent_dropout)
        and not (layer.go_backwards or layer.stateful or layer.return_state)
    )


def inner_loop(layer: LSTM, sequences, initial_state, mask, training=False):
    """`LSTM.inner_loop` from a state of 0, without a mask; for XLA only.

    Returns:
        The last hidden state, `(batch, units)`; all, `(batch, steps, units)`; and no final states.
    """
    cell, steps = layer.cell, sequences.shape[1]
    inputs = sequences[:, :1] if layer.constant_input else sequences
    projected = tf.tensordot(tf.transpose(inputs, (1, 0, 2)), tf.convert_to_tensor(cell.kernel), 1)
    projected += tf.convert_to_tensor(cell.bias)
    hidden = recur(projected, tf.convert_to_tensor(cell.recurrent_kernel), steps)
    return hidden[-1], tf.transpose(hidden, (1, 0, 2)), []


def recur(projected, recurrent_kernel, steps: int):
    """`(steps or 1, batch, 4 * units)` -> hidden states `(steps, batch, units)`."""

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
    constant = projected.shape[0] == 1
    batch, units = projected.shape[1], recurrent_kernel.shape[0]
    start = tf.zeros((batch, units), projected.dtype)

    def step(t, hidden, carry, *kept):
        sums = tf.matmul(hidden, recurrent_kernel) + projected[0 if constant else t]
        admit, forget, candidate, emit = tf.split(sums, 4, axis=1)
        admit, forget, emit = tf.sigmoid(admit), tf.sigmoid(forget), tf.sigmoid(emit)
        candidate = tf.tanh(candidate)
        carry = forget * carry + admit * candidate
        hidden = emit * tf.tanh(carry)
        now = hidden, carry, tf.concat([admit, forget, candidate, emit], 1)
        kept = [_put(all_, one, t) for all_, one in zip(kept, now, strict=True)]
        return t + 1, hidden, carry, *kept

    kept = [tf.zeros((steps, batch, size), projected.dtype) for size in (units, units, 4 * units)]
    _, _, _, *kept = tf.while_loop(
        lambda t, *_: t < steps, step, (tf.constant(0), start, start, *kept)
    )
    return kept


def _backward(upstream, hidden, carry, gates, recurrent_kernel, constant: bool):
    steps, batch, units = hidden.shape
    start = tf.zeros((1, batch, units), hidden.dtype)
    hidden_before = tf.concat([start, hidden[:-1]], 0)
    carry_before = tf.concat([start, carry[:-1]], 0)
    admit, forget, candidate, emit = tf.split(gates, 4, axis=2)
    squashed = tf.tanh(carry)
    to_carry = emit * (1 - squashed**2)
    # By the gradient of the carry for three gates, by that of the hidden state for the last.
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
    return xla.dynamic_update_slice(all_, one[None], tf.stack([t, 0, 0]))
