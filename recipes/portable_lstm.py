"""An LSTM that converts to TFLite's builtin operators with any batch size.

Keras's own LSTM collects its outputs in a TensorArray; with a free batch axis the converter cannot
lower that. Here the loop writes each step into one tensor instead. The file does not grow with the
sequence, and the input is projected once for all steps.
"""

import keras
import tensorflow as tf


class PortableLSTM(keras.layers.LSTM):
    """A Keras LSTM, default activations, of the same weights and outputs; for inference only."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        # (batch, steps, features) -> (steps, batch, 4 * units)
        projected = tf.tensordot(sequences, self.cell.kernel, 1) + self.cell.bias
        projected = tf.transpose(projected, (1, 0, 2))
        steps = projected.shape[0]
        outputs = tf.zeros_like(projected[:, :, : self.units])

        def step(t, hidden, carry, outputs):
            gates = tf.gather(projected, t) + tf.matmul(hidden, self.cell.recurrent_kernel)
            admit, forget, candidate, emit = tf.split(gates, 4, axis=1)
            carry = tf.sigmoid(forget) * carry + tf.sigmoid(admit) * tf.tanh(candidate)
            hidden = tf.sigmoid(emit) * tf.tanh(carry)
            if self.return_sequences:
                outputs = tf.tensor_scatter_nd_update(outputs, [[t]], hidden[None])
            return t + 1, hidden, carry, outputs

        start = outputs[0]
        _, hidden, _, outputs = tf.while_loop(
            lambda t, *_: t < steps, step, (tf.constant(0), start, start, outputs)
        )
        return tf.transpose(outputs, (1, 0, 2)) if self.return_sequences else hidden


def with_portable_lstms(model: keras.Model) -> keras.Model:
    """Return a copy of the model, or the model itself if it has none, with every LSTM portable."""
    layers = model._flatten_layers(include_self=False)
    if not any(isinstance(layer, keras.layers.LSTM) for layer in layers):
        return model

    def portable(layer: keras.layers.Layer) -> keras.layers.Layer:
        kind = PortableLSTM if isinstance(layer, keras.layers.LSTM) else type(layer)
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=portable, recursive=True)
    copy.set_weights(model.get_weights())
    return copy
