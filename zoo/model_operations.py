"""What a model computes with, and refusing layers that mask steps of a sequence."""

from collections.abc import Iterator
from typing import Any

import keras

from zoo.errors import InputError


def operations_of(model: keras.Model) -> Iterator[Any]:
    """Yield a model's layers and operations of `keras.ops`, with those of the models in it."""
    # A Sequential model has layers alone.
    for operation in getattr(model, "operations", model.layers):
        if isinstance(operation, keras.Model):
            yield from operations_of(operation)
        else:
            yield operation


def refuse_masks(model: keras.Model) -> None:
    """Raise InputError if a layer of a model masks steps, as `keras.layers.Masking` does.

    Keras would leave the masked steps out of some layers, but not out of the loss or the scores:
    these would measure the length of a sequence.
    """
    for operation in operations_of(model):
        outputs = keras.tree.flatten(operation.output)
        # Keras keeps the mask of a symbolic tensor here.
        if any(getattr(output, "_keras_mask", None) is not None for output in outputs):
            raise InputError(
                f"The layer {operation.name!r} ({type(operation).__name__}) masks steps, but the "
                "loss and the scores of an autoencoder count padded steps like any others: leave "
                "the layer out, and cut sequences of different length into windows of equal length."
            )
