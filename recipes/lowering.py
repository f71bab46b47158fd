"""Layers in forms that TFLite's converter can take: LSTMs, and int8 layers around them.

Keras's own LSTM collects its outputs in a TensorArray, which the converter lowers to TensorFlow's
operators only. None of these grows with the sequence; all are for inference only.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.layers import LSTM


class PortableLSTM(LSTM):
    """An LSTM as a WHILE loop, with the input projected once for all steps."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        inputs = sequences[:, :1] if self.constant_input else sequences
        # (batch, steps, features) -> (steps, batch, features)
        projected = self._project(tf.transpose(inputs, (1, 0, 2)))
        steps, batch = sequences.shape[1], tf.shape(sequences)[0]
        start = tf.zeros((batch, self.units))
        # What it starts with is shifted out in the end; zeros would be stored in the file.
        outputs = projected[0][:, :, : self.units] if self.return_sequences else start[None]
        if self.return_sequences and self.constant_input:
            outputs = tf.tile(outputs, (steps, 1, 1))

        def step(t, hidden, carry, outputs):
            now = [part[0] if self.constant_input else tf.gather(part, t) for part in projected]
            admit, forget, candidate, emit = self._gates(now, hidden)
            carry = tf.sigmoid(forget) * carry + tf.sigmoid(admit) * tf.tanh(candidate)
            hidden = tf.sigmoid(emit) * tf.tanh(carry)
            if self.return_sequences:
                # Shifted by one each step: two operators, where a scatter takes five.
                outputs = tf.concat([outputs[1:], hidden[None]], axis=0)
            return t + 1, hidden, carry, outputs

        _, hidden, _, outputs = tf.while_loop(
            lambda t, *_: t < steps, step, (tf.constant(0), start, start, outputs)
        )
        return tf.transpose(outputs, (1, 0, 2)) if self.return_sequences else hidden

    def _project(self, sequences) -> list:
        """`(steps, batch, features)` -> `(steps, batch, 4 * units)`, in one part or more."""
        return [tf.tensordot(sequences, self.cell.kernel, 1) + self.cell.bias]

    def _gates(self, projected: list, hidden) -> list:
        """One step of the parts, and `(batch, units)` -> the four gates' sums, `(batch, units)`."""
        sums = projected[0] + tf.matmul(hidden, self.cell.recurrent_kernel)
        return tf.split(sums, 4, axis=1)


class PhasedConv2DTranspose(keras.layers.Conv2DTranspose):
    """A transposed convolution as a plain one with four outputs, one for each phase of stride 2.

    Where there are few output channels: runtimes compute channels by the vector, of which a
    transposed convolution to one channel wastes most. Others, and other strides and sizes of
    kernel, stay as they are.
    """

    def call(self, inputs):
        usual = self.kernel_size == (3, 3) and self.strides == (2, 2) and self.padding == "same"
        if not usual or self.filters >= 8:
            return super().call(inputs)
        with tf.init_scope():
            kernel = keras.ops.convert_to_numpy(self.kernel)
        # Output 2i + phase gets input i - 1 or i (place 0 or 1) by so many taps of the kernel.
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
        # An odd side lacks the first of its outputs, not the last.
        height, width = self.output_padding or (1, 1)
        return self.activation(x[:, 1 - height :, 1 - width :])


class FusedLSTM(LSTM):
    """An LSTM that the converter replaces by one UNIDIRECTIONAL_SEQUENCE_LSTM.

    The converter knows a function that may be replaced by its attributes, arguments and results;
    its weights must be constants. What it computes is what a runtime without the fusion would run.
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
                gates = tf.matmul(x, kernel) + tf.matmul(hidden, recurrent_kernel) + bias
                admit, forget, candidate, emit = tf.split(gates, 4, axis=1)
                carry = tf.sigmoid(forget) * carry + tf.sigmoid(admit) * tf.tanh(candidate)
                return tf.sigmoid(emit) * tf.tanh(carry), carry

            outputs, carries = tf.scan(step, tf.transpose(inputs, (1, 0, 2)), (hidden, carry))
            sequence = tf.transpose(outputs, (1, 0, 2))
            return outputs[-1], sequence, outputs[-1], carries[-1], tf.constant(0.0)

        start = tf.zeros((tf.shape(sequences)[0], self.units))
        last, sequence, *_ = fused(sequences, start, start, *map(tf.constant, weights))
        return sequence if self.return_sequences else last


def fake_quantize(x, low: float, high: float, bits: int = 8):
    """Round float values to a grid over a range that holds 0; the converter makes integers of it.

    16 bits are symmetric about 0, as TFLite's operators want them.
    """
    low, high = min(low, 0.0), max(high, 1e-6)
    if bits == 16:
        low, high = -max(-low, high), max(-low, high)
    return tf.quantization.fake_quant_with_min_max_args(
        x, low, high, num_bits=bits, narrow_range=bits == 16
    )


class _FakeQuantized:
    """Rounds weights and activations, to ranges observed beforehand.

    This stands in for the converter's own calibration, which crashes on loops.
    """

    observing = False

    def _round(self, name: str, x, bits: int = 8):
        ranges = self.__dict__.setdefault("ranges", {})
        low, high = ranges.get(name, (0.0, 0.0))
        if not self.observing:
            return fake_quantize(x, low, high, bits)
        ranges[name] = (min(low, float(tf.reduce_min(x))), max(high, float(tf.reduce_max(x))))
        return x

    @staticmethod
    def _round_weights(weights, columns: slice = slice(None)):
        with tf.init_scope():
            bound = float(np.abs(keras.ops.convert_to_numpy(weights)[:, columns]).max())
        bound = max(bound, 1e-6)
        return tf.quantization.fake_quant_with_min_max_args(
            tf.convert_to_tensor(weights)[:, columns], -bound, bound, narrow_range=True
        )


class FakeQuantizedLSTM(_FakeQuantized, PortableLSTM):
    """A portable LSTM with int8 weights; the state is int16 in products and float in between.

    Each gate has a scale of its own, as in the fused operator. With int8 gates the test error of
    `lstm_ecg5000` grew by 6 %, with float gates but int8 states by 3 %; so it grows by 1.1 %.
    """

    def _project(self, sequences):
        sequences = self._round("inputs", sequences)
        return self._products("projected", sequences, self.cell.kernel, 8, self.cell.bias)

    def _gates(self, projected, hidden):
        hidden = self._round("hidden", hidden, 16)
        products = self._products("recurrent", hidden, self.cell.recurrent_kernel, 16)
        return [part + product for part, product in zip(projected, products, strict=True)]

    def _products(self, name: str, x, weights, bits: int, bias=None) -> list:
        products = []
        for i in range(4):
            columns = slice(i * self.units, (i + 1) * self.units)
            product = tf.tensordot(x, self._round_weights(weights, columns), 1)
            if bias is not None:
                product += tf.convert_to_tensor(bias)[columns]
            products.append(self._round(f"{name}_{i}", product, bits))
        return products


class FakeQuantizedDense(_FakeQuantized, keras.layers.Dense):
    """A Dense layer with int8 inputs, weights and outputs."""

    def call(self, inputs, training=None):
        inputs = self._round("inputs", inputs)
        sums = tf.tensordot(inputs, self._round_weights(self.kernel), 1) + self.bias
        return self._round("outputs", self.activation(self._round("sums", sums)))


def has_lstm(model: keras.Model) -> bool:
    """Return whether the model has an LSTM."""
    return any(isinstance(layer, keras.layers.LSTM) for layer in model._flatten_layers())


def lower(model: keras.Model, kinds: Mapping[type, type]) -> Any:
    """Return a copy of the model in which layers of some kinds have become others.

    Args:
        model: Any functional model.
        kinds: For a class of layers, the subclass to put in its place.
    """

    def replacement(layer: keras.layers.Layer) -> keras.layers.Layer:
        return kinds.get(type(layer), type(layer)).from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=replacement, recursive=True)
    copy.set_weights(model.get_weights())
    return copy


def observe(model: keras.Model, samples: np.ndarray) -> np.ndarray:
    """Let fake-quantised layers learn their ranges; return what the model makes of the samples."""
    layers = [layer for layer in model._flatten_layers() if isinstance(layer, _FakeQuantized)]
    for layer in layers:
        layer.observing = True
    outputs = model(samples, training=False)
    for layer in layers:
        layer.observing = False
    return keras.ops.convert_to_numpy(outputs)
