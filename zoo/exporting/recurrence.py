"""Recurrent layers in forms that TFLite's converter can take.

Keras's own loops collect their outputs in a TensorArray, which the converter can only express with
operators of TensorFlow. The forms here do not grow with the sequence; all are for inference only.
"""

import uuid
from typing import Any

import keras
import tensorflow as tf

from zoo.exporting.keras_internals import most_inputs
from zoo.layers import LSTM, lstm_step


class PortableLSTM(LSTM):
    """An LSTM as a WHILE loop, with the input projected once for all steps."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        inputs = sequences[:, :1] if self.constant_input else sequences
        # (batch, steps, features) -> (steps, batch, features)
        inputs = tf.transpose(inputs, (1, 0, 2))
        projected = tf.tensordot(inputs, self.cell.kernel, 1) + self.cell.bias
        steps, batch = sequences.shape[1], tf.shape(sequences)[0]
        hidden, carry = initial_state or [tf.zeros((batch, self.units))] * 2
        # The loop shifts these start values out in the end; zeros would be stored in the file.
        outputs = projected[:, :, : self.units] if self.return_sequences else hidden[None]
        if self.return_sequences and self.constant_input:
            outputs = tf.tile(outputs, (steps, 1, 1))

        def step(t, hidden, carry, outputs):
            now = projected[0] if self.constant_input else tf.gather(projected, t)
            sums = now + tf.matmul(hidden, self.cell.recurrent_kernel)
            hidden, carry, _ = lstm_step(sums, carry)
            if self.return_sequences:
                # Shifted by one each step: two operators, where a scatter takes five.
                outputs = tf.concat([outputs[1:], hidden[None]], axis=0)
            return t + 1, hidden, carry, outputs

        _, hidden, _, outputs = tf.while_loop(
            lambda t, *_: t < steps, step, (tf.constant(0), hidden, carry, outputs)
        )
        return tf.transpose(outputs, (1, 0, 2)) if self.return_sequences else hidden


class FusedLSTM(LSTM):
    """An LSTM that the converter replaces by one UNIDIRECTIONAL_SEQUENCE_LSTM.

    The converter recognises a function that it may replace by the function's attributes, arguments
    and results; the weights must be constants. A runtime without the operator would run the body of
    the function.
    """

    def call(self, sequences, initial_state=None, mask=None, training=False):
        cell = self.cell
        with tf.init_scope():
            weights = [
                keras.ops.convert_to_numpy(weight)
                for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)
            ]

        @tf.function(
            autograph=False,
            experimental_attributes={
                "api_implements": f"lstm_{uuid.uuid4()}",
                "api_preferred_device": "CPU",
                "time_major": False,
                "go_backwards": False,
            },
        )
        def fused(inputs, hidden, carry, kernel, recurrent_kernel, bias):
            def step(state, x):
                hidden, carry = state
                sums = tf.matmul(x, kernel) + tf.matmul(hidden, recurrent_kernel) + bias
                return lstm_step(sums, carry)[:2]

            outputs, carries = tf.scan(step, tf.transpose(inputs, (1, 0, 2)), (hidden, carry))
            sequence = tf.transpose(outputs, (1, 0, 2))
            return outputs[-1], sequence, outputs[-1], carries[-1], tf.constant(0.0)

        hidden, carry = initial_state or [tf.zeros((tf.shape(sequences)[0], self.units))] * 2
        last, sequence, *_ = fused(sequences, hidden, carry, *map(tf.constant, weights))
        return sequence if self.return_sequences else last


def loop(
    layer: keras.layers.RNN, sequences: Any, initial_state: Any, mask: Any = None, training=False
) -> tuple[Any, Any, Any]:
    """Take the place of `inner_loop` of any recurrent layer, as a WHILE loop.

    Args:
        layer: The layer, whose cell computes a step.
        sequences: `(batch, steps, ...)`; there must be no mask.
        initial_state: The states before the first step.

    Returns:
        The last output, all outputs, `(batch, steps, ...)` (of a layer that returns the last alone,
        only that), and the last states.
    """
    if layer.go_backwards:
        sequences = tf.reverse(sequences, [1])
    # (batch, steps, ...) -> (steps, batch, ...)
    inputs = _swap(sequences)
    steps = inputs.shape[0]
    shape = layer.cell(inputs[0], initial_state)[0].shape
    # The loop shifts these start values out in the end; zeros would be stored in the file.
    start = tf.reduce_sum(inputs, range(2, len(inputs.shape)))
    start = tf.reshape(start, (steps, -1, *[1] * (len(shape) - 1)))
    outputs = tf.tile(start, (1, 1, *shape[1:]))
    if not layer.return_sequences:
        outputs = outputs[:1]

    def step(t, outputs, *states):
        states = keras.tree.pack_sequence_as(initial_state, states)
        output, states = layer.cell(tf.gather(inputs, t), states)
        outputs = tf.concat([outputs[1:], output[None]], axis=0)
        return t + 1, outputs, *keras.tree.flatten(states)

    start = (tf.constant(0), outputs, *keras.tree.flatten(initial_state))
    _, outputs, *states = tf.while_loop(lambda t, *_: t < steps, step, start)
    return outputs[-1], _swap(outputs), keras.tree.pack_sequence_as(initial_state, states)


def _swap(values: Any) -> Any:
    """Return a tensor with its first two axes swapped."""
    return tf.transpose(values, (1, 0, *range(2, len(values.shape))))


def is_plain(layer: keras.layers.Layer) -> bool:
    """Return whether a layer is an LSTM that `PortableLSTM` and `FusedLSTM` compute."""
    return (
        type(layer) in (LSTM, keras.layers.LSTM)
        and layer.activation is keras.activations.tanh
        and layer.recurrent_activation is keras.activations.sigmoid
        and layer.use_bias
        and not (layer.go_backwards or layer.return_state or layer.unroll)
    )


def has_loop(layer: keras.layers.Layer) -> bool:
    """Return whether a layer is recurrent and not unrolled."""
    return isinstance(layer, keras.layers.RNN) and not layer.unroll


def loops_of(model: keras.Model) -> tuple[bool, bool]:
    """Return whether a model's files have loops, and whether each of these can be fused instead.

    Only plain LSTMs that stand alone and start with states of 0 can: those inside another layer, as
    in a `Bidirectional`, cannot.
    """
    alone = [layer for layer in _alone(model) if is_plain(layer)]
    plain = {id(layer) for layer in alone if most_inputs(layer) == 1}
    loops = {id(layer) for layer in model._flatten_layers() if has_loop(layer)}
    return bool(loops), bool(loops) and loops <= plain


def _alone(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers of a model and of the models in it, but not those inside layers."""
    layers = []
    for layer in model.layers:
        layers += _alone(layer) if isinstance(layer, keras.Model) else [layer]
    return layers
