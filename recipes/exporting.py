"""Writing a trained model as `.keras`, SavedModel and TFLite."""

from pathlib import Path

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
        model.export(saved_model, format="tf_saved_model", verbose=False)
        bar.update()
        with_portable_lstms(model).export(
            tflite,
            format="litert",
            verbose=False,
            target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]},
        )
        bar.update()
