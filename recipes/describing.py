"""Writing into a `.tflite` file what it says of itself, see `zoo.metadata`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

import zoo
from recipes.dataset import Dataset
from recipes.packing import pack
from recipes.task import is_unbounded
from zoo import metadata


def about(
    recipe: dict[str, Any], versions: dict[str, str], model: zoo.Autoencoder, dataset: Dataset
) -> dict[str, Any]:
    """Return what all files of one model say."""
    low, high = dataset.value_range
    bounded = np.isfinite([low, high]).all() and not is_unbounded(model)
    return {
        "format": metadata.FORMAT,
        "sha256": metadata.UNSIGNED,
        "recipe": recipe,
        "versions": versions,
        "input": {
            "shape": list(model.input_shape[1:]),
            "scaling": dataset.scaling,
            "range": [low, high] if bounded else None,
        },
        "latent_dim": model.latent_dim,
        "threshold": None,
        "figures": {},
    }


def describe(path: Path, entries: dict[str, Any]) -> None:
    """Write metadata into a file, in place of any that it has, and sign it."""
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(path.read_bytes()))
    # Every graph lists the same tensors.
    tensors = model.subgraphs[0].tensors
    places = {
        signature.signatureKey.decode(): [
            item.tensorIndex for item in (*signature.inputs, *signature.outputs)
        ]
        for signature in model.signatureDefs
    }
    entries = {
        **entries,
        "values": {
            tensors[i].name.decode(): _value(tensors[i])
            for i in dict.fromkeys(i for ends in places.values() for i in ends)
        },
        "signatures": {
            name: [tensors[i].name.decode() for i in ends] for name, ends in places.items()
        },
    }
    text = json.dumps(entries, allow_nan=False, separators=(",", ":"))
    name = metadata.NAME.encode()
    kept = [entry for entry in model.metadata or [] if entry.name != name]
    old = {entry.buffer for entry in model.metadata or [] if entry.name == name}
    buffer = min(old, default=len(model.buffers))
    data = schema.BufferT()
    data.data = np.frombuffer(text.encode(), "uint8")
    model.buffers[buffer : buffer + 1] = [data]
    entry = schema.MetadataT()
    entry.name, entry.buffer = metadata.NAME, buffer
    model.metadata = [*kept, entry]
    content = pack(model)
    if content.count(metadata.UNSIGNED.encode()) != 1:
        raise ValueError("The place of the digest is not unique.")
    signed = content.replace(
        metadata.UNSIGNED.encode(), metadata.digest(content, metadata.UNSIGNED).encode()
    )
    path.write_bytes(signed)


def _value(tensor: schema.TensorT) -> dict[str, Any]:
    details: dict[str, Any] = {
        "dtype": flatbuffer_utils.type_to_name(tensor.type).lower(),
        "shape": [int(size) for size in tensor.shape],
    }
    if tensor.quantization is not None and tensor.quantization.scale is not None:
        details["scale"] = float(tensor.quantization.scale[0])
        details["zero_point"] = int(tensor.quantization.zeroPoint[0])
    return details
