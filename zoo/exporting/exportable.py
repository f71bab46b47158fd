"""Finding out before training whether a model can be exported afterwards."""

import logging
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

import zoo
from zoo import autoencoder, data, model_operations
from zoo.artefact_names import KERAS_FILE, SAVED_MODEL
from zoo.exporting import custom_layer_files, keras_file, saved_model, tflite
from zoo.exporting.converting import first_line
from zoo.exporting.recurrence import is_plain

logger = logging.getLogger(__name__)

# Layers and operations of Keras that built-in models are made of, which the tests export.
_PROVEN = {
    "Activation",
    "ActivityRegularization",
    "BatchNormalization",
    "Conv2D",
    "Conv2DTranspose",
    "Cropping2D",
    "Dense",
    "Flatten",
    "Flip",
    "InputLayer",
    "MaxPooling2D",
    "RepeatVector",
    "Reshape",
}
# Number of samples that a trial runs on.
SAMPLES = 8


def check(model: zoo.Autoencoder) -> None:
    """Refuse what no exported file can compute, by the name of the layer.

    Raises:
        InputError: An axis of a sample is open; or a layer masks steps, cannot be loaded again, or
            is defined in a notebook.
    """
    if None in model.sample_shape:
        raise zoo.InputError(
            f"The model takes samples of shape {model.sample_shape}, but an exported file needs "
            "samples of one shape: give the length in keras.Input, and cut sequences of different "
            "length into windows of that length."
        )
    model_operations.refuse_masks(model)
    for layer in model._flatten_layers():
        if not isinstance(layer, keras.Model):
            _check_saving(layer)
    custom_layer_files.files_of(model)


def _check_saving(layer: keras.layers.Layer) -> None:
    try:
        saved = keras.saving.serialize_keras_object(layer)
        keras.saving.deserialize_keras_object(saved, safe_mode=True)
    # Keras raises whatever the layer's own `__init__` raises.
    except Exception as error:
        # The first sentence of the last part says the cause.
        cause = str(error).rpartition("Exception encountered: ")[2].partition(". ")[0]
        raise zoo.InputError(
            f"The layer {layer.name!r} ({type(layer).__qualname__}) cannot be loaded again from a "
            f".keras file ({first_line(cause)}): register its class or function with "
            "keras.saving.register_keras_serializable, write a get_config that returns all "
            "arguments of its __init__, and make a Lambda a layer."
        ) from error


def try_out(model: zoo.Autoencoder, samples: np.ndarray) -> None:
    """Export an untrained model whose layers may be unfit for it, and check the files.

    A model of layers that built-in models are made of is not tried out.

    Args:
        model: The untrained model; it is not changed.
        samples: Samples of its data, `(samples, *sample_shape)`.

    Raises:
        InputError: See `check`; or a file cannot be written, or gives other outputs than Keras.
    """
    check(model)
    operations = model_operations.operations_of(model)
    unproven = [operation for operation in operations if not _is_proven(operation)]
    if not unproven:
        return
    layers = ", ".join(f"{found.name!r} ({type(found).__name__})" for found in unproven)
    logger.info("Trying out whether the layers %s can be exported", layers)
    copy = autoencoder.copy(model)
    _move_weights(copy)
    samples = np.array(samples[:SAMPLES])
    dataset = data.from_arrays(samples, samples, samples, name="trial")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            keras_file.write(copy, folder / KERAS_FILE)
            saved_model.write(copy, folder / SAVED_MODEL)
            names = (KERAS_FILE, SAVED_MODEL)
            recipe = {"name": model.name}
            tflite.write(folder, copy, recipe, dataset, ["fp32"], artefacts=names)
        # TensorFlow and the layers raise errors of many types.
        except Exception as error:
            missed = error.missed if isinstance(error, zoo.GateError) else [first_line(str(error))]
            raise zoo.InputError(
                f"The model cannot be exported: {'; '.join(missed)}. This comes from one of these "
                f"layers: {layers}. Use another layer in its place."
            ) from error


def _is_proven(operation: Any) -> bool:
    package = type(operation).__module__.partition(".")[0]
    if isinstance(operation, keras.layers.LSTM):
        return is_plain(operation)
    activation = getattr(operation, "activation", None)
    if activation is not None and not getattr(activation, "__module__", "").startswith("keras."):
        return False
    dilation = getattr(operation, "dilation_rate", 1)
    if package == "keras":
        return type(operation).__name__ in _PROVEN and set(np.ravel(dilation)) == {1}
    return package == "zoo"


def _move_weights(model: keras.Model) -> None:
    """Let no weight be 0, as biases are before training: what they do shows in a trial only so."""
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        moved = keras.ops.convert_to_numpy(weight) + rng.uniform(0, 0.2, weight.shape)
        weight.assign(moved.astype("float32"))
