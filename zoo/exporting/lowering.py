"""Layers in forms that TFLite's converter can take and that runtimes compute quickly.

Keras's own LSTM collects its outputs in a TensorArray, which the converter can only express with
operators of TensorFlow. The forms here do not grow with the sequence; all are for inference only.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.layers import LSTM, lstm_step


class PortableLSTM(LSTM):
    """An LSTM as a WHILE loop, with the input projected once for all steps."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        inputs = sequences[:, :1] if self.constant_input else sequences
        # (batch, steps, features) -> (steps, batch, features)
        inputs = tf.transpose(inputs, (1, 0, 2))
        projected = tf.tensordot(inputs, self.cell.kernel, 1) + self.cell.bias
        steps, batch = sequences.shape[1], tf.shape(sequences)[0]
        start = tf.zeros((batch, self.units))
        # The loop shifts these start values out in the end; zeros would be stored in the file.
        outputs = projected[:, :, : self.units] if self.return_sequences else start[None]
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
            lambda t, *_: t < steps, step, (tf.constant(0), start, start, outputs)
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

        start = tf.zeros((tf.shape(sequences)[0], self.units))
        last, sequence, *_ = fused(sequences, start, start, *map(tf.constant, weights))
        return sequence if self.return_sequences else last


class PhasedConv2DTranspose(keras.layers.Conv2DTranspose):
    """A transposed convolution as a plain one with four outputs, one for each phase of stride 2.

    Only layers with few output channels take this form: runtimes compute several channels at once,
    and a transposed convolution to one channel wastes most of that. Layers with more channels, and
    other strides and sizes of kernel, stay as they are.

    Whole models of the zoo, on one CPU thread, are 2.0 to 3.7 times as fast with it in int8, and
    1.06 to 1.55 times in float32.
    """

    def call(self, inputs):
        usual = self.kernel_size == (3, 3) and self.strides == (2, 2) and self.padding == "same"
        if not usual or self.filters >= 8:
            return super().call(inputs)
        with tf.init_scope():
            kernel = keras.ops.convert_to_numpy(self.kernel)
        # Output 2i + phase reads input i - 1 (place 0) and input i (place 1), each through one tap
        # of the kernel.
        taps = {0: {1: 0, 0: 2}, 1: {1: 1}}
        filters, channels = kernel.shape[2:]
        phased = np.zeros((2, 2, channels, 4, filters), "float32")
        for row_phase, column_phase in np.ndindex(2, 2):
            for row, row_tap in taps[row_phase].items():
                for column, column_tap in taps[column_phase].items():
                    weights = kernel[row_tap, column_tap].T
                    phased[row, column, :, 2 * row_phase + column_phase] = weights
        padded = tf.pad(inputs, [[0, 0], [1, 0], [1, 0], [0, 0]])
        weights = tf.constant(phased.reshape(2, 2, channels, 4 * filters))
        x = tf.nn.conv2d(padded, weights, strides=1, padding="VALID")
        x = tf.nn.depth_to_space(x + tf.tile(tf.convert_to_tensor(self.bias), [4]), 2)
        # An output of odd height or width lacks its first row or column, not its last.
        height, width = self.output_padding or (1, 1)
        return self.activation(x[:, 1 - height :, 1 - width :])


def has_lstm(model: keras.Model) -> bool:
    """Return whether the model has an LSTM."""
    return any(isinstance(layer, keras.layers.LSTM) for layer in model._flatten_layers())


def lower(model: keras.Model, kinds: Mapping[type, type]) -> Any:
    """Return a copy of the model in which layers of some classes are replaced.

    Args:
        model: Any functional model.
        kinds: For a class of layers the subclass to use in its place.
    """

    def replacement(layer: keras.layers.Layer) -> keras.layers.Layer:
        return kinds.get(type(layer), type(layer)).from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=replacement, recursive=True)
    copy.set_weights(model.get_weights())
    return copy
