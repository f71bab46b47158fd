"""Writing a model as a SavedModel with an endpoint for each use."""

from pathlib import Path
from typing import Any

import tensorflow as tf

import zoo
from zoo.exporting.signatures import names_of


def write(model: zoo.Autoencoder, path: Path) -> None:
    """Write a SavedModel whose endpoints share the weights and take any batch size.

    They are `reconstruct`, `encode`, `decode`, `score` and, for a model with a prior, `generate`.
    Keras's own export has one endpoint and stores the weights twice.

    Args:
        model: A trained model.
        path: Folder to make.
    """
    endpoints = {
        "reconstruct": (model, lambda x: {"reconstruction": model(x, training=False)}),
        "encode": (model.encoder, lambda x: {"code": model.encoder(x, training=False)}),
        "decode": (model.decoder, lambda x: {"reconstruction": model.decoder(x, training=False)}),
        "score": (model, lambda x: {"score": _score(model, x)}),
    }
    endpoints["generate"] = endpoints["decode"]
    module: Any = tf.Module()
    module.weights = [weight.value for weight in model.variables]
    signatures = {}
    for name in names_of(model):
        part, function = endpoints[name]
        # A code may be whole numbers.
        spec = tf.TensorSpec(part.inputs[0].shape, part.inputs[0].dtype, name="x")
        signatures[name] = tf.function(function, input_signature=[spec])
        setattr(module, name, signatures[name])
    signatures["serving_default"] = signatures["reconstruct"]
    tf.saved_model.save(module, str(path), signatures=signatures)


def _score(model: zoo.Autoencoder, x: tf.Tensor) -> tf.Tensor:
    """Return the anomaly scores of `zoo.anomaly_scoring.score` as operators of TensorFlow."""
    errors = model(x, training=False) - x
    if model.score_window > 1:
        errors = tf.nn.avg_pool2d(errors, model.score_window, strides=1, padding="VALID")
    return tf.reduce_mean(errors**2, range(1, len(model.input_shape)))
