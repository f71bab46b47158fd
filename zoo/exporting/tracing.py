"""The SavedModel that TFLite files are converted from: one graph, traced for one sample."""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

import zoo
from zoo.exporting.keras_internals import convertible_argmax
from zoo.exporting.lowering import PhasedConv2DTranspose, lower
from zoo.exporting.recurrence import FusedLSTM, PortableLSTM
from zoo.layers import LSTM


def write(model: zoo.Autoencoder, folder: Path, *, fused: bool) -> None:
    """Write a model as a SavedModel with one signature, `graph`: x -> code and reconstruction.

    The converter reads it without the classes of the model's layers.

    Args:
        model: A trained model.
        folder: Folder to make.
        fused: Make each LSTM one operator instead of a loop.
    """
    lstm = FusedLSTM if fused else PortableLSTM
    kinds = {
        keras.layers.Conv2DTranspose: PhasedConv2DTranspose,
        LSTM: lstm,
        keras.layers.LSTM: lstm,
    }
    lowered = lower(model, kinds)
    spec = tf.TensorSpec((1, *model.sample_shape), tf.float32, name="x")

    @tf.function(input_signature=[spec], autograph=False)
    def graph(x):
        code = lowered.encoder(x, training=False)
        # This copy is a barrier, which `converter_repairs.remove_barrier` takes out again. Without
        # it the converter may move the bias or the scale of the code into the first layer of the
        # decoder, which then no longer reads the code.
        y = lowered.decoder(tf.gather(code, [0]), training=False)
        return {"code": code, "reconstruction": y}

    module: Any = tf.Module()
    module.weights = [weight.value for weight in lowered.variables]
    with convertible_argmax():
        tf.saved_model.save(module, str(folder), signatures={"graph": graph})
