"""Writing metadata into a `.tflite` file, see `zoo.edge.metadata`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

import zoo
from zoo.data.dataset import Dataset
from zoo.edge import metadata
from zoo.exporting.flatbuffer_packing import pack


def about(
    recipe: dict[str, Any], versions: dict[str, str], model: zoo.Autoencoder, dataset: Dataset
) -> dict[str, Any]:
    """Return the metadata that all files of one model share.

    Args:
        recipe: The recipe of the model in plain values.
        versions: Version of Python and of each package that made the files.
        model: A trained model.
        dataset: Its data.
    """
    low, high = dataset.value_range
    corruption = model.corruption
    bounded = np.isfinite([low, high]).all() and (corruption is None or corruption.keeps_range)
    return {
        "format": metadata.FORMAT,
        "sha256": metadata.UNSIGNED,
        "recipe": recipe,
        "versions": versions,
        "input": {
            "shape": list(model.sample_shape),
            "scaling": dataset.scaling,
            "range": [low, high] if bounded else None,
        },
        "latent_dim": model.latent_dim,
        "threshold": None,
        "figures": {},
    }


def describe(path: Path, entries: dict[str, Any]) -> None:
    """Write metadata into a file, in place of those that it has, and sign it.

    Args:
        path: A `.tflite` file that `signatures.cut` made.
        entries: Those of `about` and, for this file, its variant, threshold and figures.

    Raises:
        ValueError: The digits that are replaced by the digest occur more than once.
    """
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
        raise ValueError("The place of the digest occurs more than once.")
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
