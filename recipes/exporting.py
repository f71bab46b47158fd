"""Writing a trained model as `.keras`, SavedModel and TFLite."""

from pathlib import Path
from typing import Any

import tensorflow as tf
from tqdm import tqdm

import zoo
from recipes.portable_lstm import with_portable_lstms
from recipes.recipe import ARTEFACTS


def export(model: zoo.Autoencoder, folder: Path) -> None:
    """Write `model.keras`, `saved_model/` and `model.tflite` (fp32) into a folder.

    The TFLite file holds builtin operators only: conversion fails rather than fall back on
    TensorFlow's. Every artefact takes any batch size.

    Args:
        model: Uncompiled model, so that no optimiser state is written.
        folder: Existing folder.
    """
    keras_file, saved_model, tflite = (str(folder / name) for name in ARTEFACTS)
    with tqdm(ARTEFACTS, desc="export", leave=False, disable=None) as bar:
        model.save(keras_file)
        bar.update()
        _export_saved_model(model, saved_model)
        bar.update()
        with_portable_lstms(model).export(
            tflite,
            format="litert",
            verbose=False,
            target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]},
        )
        bar.update()


def _export_saved_model(model: zoo.Autoencoder, path: str) -> None:
    """Write a SavedModel with the endpoint `serve`; Keras's export stores weights twice."""
    module: Any = tf.Module()
    module.weights = [weight.value for weight in model.variables]
    module.serve = tf.function(
        lambda x: model(x, training=False),
        input_signature=[tf.TensorSpec(model.inputs[0].shape, tf.float32, name="x")],
    )
    tf.saved_model.save(module, path, signatures=module.serve)
