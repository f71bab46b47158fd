"""Writing a trained model as `.keras`, SavedModel and TFLite."""

import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf
from tqdm import tqdm

import zoo
from recipes.portable_lstm import with_portable_lstms
from recipes.recipe import ARTEFACTS


def export(model: zoo.Autoencoder, folder: Path) -> None:
    """Write `model.keras`, `saved_model/` and `model.tflite` (fp32) into a folder.

    SavedModel and TFLite file offer four signatures that share the weights: `reconstruct`,
    `encode`, `decode` and `score`. The TFLite file holds builtin operators only: conversion fails
    rather than fall back on TensorFlow's. Every artefact takes any batch size.

    Args:
        model: Uncompiled model, so that no optimiser state is written.
        folder: Existing folder.
    """
    keras_file, saved_model, tflite = (folder / name for name in ARTEFACTS)
    with tqdm(ARTEFACTS, desc="export", leave=False, disable=None) as bar:
        model.save(keras_file)
        bar.update()
        _export_saved_model(model, saved_model)
        bar.update()
        _export_tflite(model, tflite)
        bar.update()


def _export_saved_model(model: zoo.Autoencoder, path: Path) -> list[str]:
    """Write a SavedModel with the endpoints `reconstruct`, `encode`, `decode` and `score`.

    Keras's own export has one endpoint and stores weights twice.
    """
    sample_axes = range(1, len(model.input_shape))
    endpoints = {
        "reconstruct": (model, lambda x: {"reconstruction": model(x, training=False)}),
        "encode": (model.encoder, lambda x: {"code": model.encoder(x, training=False)}),
        "decode": (model.decoder, lambda x: {"reconstruction": model.decoder(x, training=False)}),
        "score": (
            model,
            lambda x: {"score": tf.reduce_mean((model(x, training=False) - x) ** 2, sample_axes)},
        ),
    }
    module: Any = tf.Module()
    module.weights = [weight.value for weight in model.variables]
    signatures = {}
    for name, (part, function) in endpoints.items():
        spec = tf.TensorSpec(part.inputs[0].shape, tf.float32, name="x")
        signatures[name] = tf.function(function, input_signature=[spec])
        setattr(module, name, signatures[name])
    default = {"serving_default": signatures["reconstruct"]}
    tf.saved_model.save(module, str(path), signatures={**signatures, **default})
    return list(signatures)


def _export_tflite(model: zoo.Autoencoder, path: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        signatures = _export_saved_model(with_portable_lstms(model), Path(scratch))
        converter = tf.lite.TFLiteConverter.from_saved_model(scratch, signature_keys=signatures)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        path.write_bytes(converter.convert())
