"""Writing exported files of untrained models, for tests."""

import keras
import numpy as np
from exporting.conversion import convert

import zoo
from zoo.data.dataset import Dataset
from zoo.exporting.metadata_writing import about, describe

SHAPE = (8, 8, 1)

CASES = {
    "dense fp32": {},
    "dense int8": {"int8_io": False},
    "conv int8": {"int8_io": True},
    "lstm fused_int8": {"int8_io": True},
    "vae fp16": {},
    "lstm fp32": {},
    "lstm fused": {},
}


def data_of(shape=SHAPE, value_range=(0.0, 1.0)):
    x = np.random.default_rng(0).random((20, *shape), dtype="float32")
    return Dataset("mine", "1", value_range, "any", train=x, validation=x, test=x)


def write(path, name, variant, data=None, threshold=None, arguments=None, **options):
    """Export an untrained model; return it."""
    data = data or data_of()
    keras.utils.set_random_seed(0)
    model = zoo.get(name, input_shape=data.train.shape[1:], latent_dim=3, **(arguments or {}))
    if name == "lstm":
        # Untrained states are so small that the fused int8 kernel cannot scale them.
        model.set_weights([1.5 * weight for weight in model.get_weights()])
    path.write_bytes(convert(model, variant, data.train, **options))
    recipe = {"name": "mine", "arguments": arguments or {}}
    entries = about(recipe, {"python": "3"}, model, data)
    describe(path, {**entries, "variant": variant, "threshold": threshold})
    return model
