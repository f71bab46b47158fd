"""Writing a trained model as `.keras`, SavedModel and TFLite."""

import io
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tensorflow as tf

import zoo
from recipes import fresh_process
from recipes.lowering import has_lstm
from recipes.recipe import KERAS_FILE, SAVED_MODEL
from recipes.task import signatures_of
from recipes.variants import VARIANTS, file_name

# Arrays of more numbers than this are shuffled and compressed by themselves.
SHUFFLED = 1000


def export(model: zoo.Autoencoder, folder: Path) -> None:
    """Write `model.keras` and `saved_model/` into a folder; both take any batch size.

    The SavedModel has endpoints that share the weights: `reconstruct`, `encode`, `decode`, `score`
    and, for a VAE, `generate`. Keras's own export has one and stores weights twice.

    Args:
        model: Uncompiled model, so that no optimiser state is written.
        folder: Existing folder.
    """
    model.save(folder / KERAS_FILE)
    compress(folder / KERAS_FILE)

    def score(x):
        errors = model(x, training=False) - x
        if model.score_window > 1:
            errors = tf.nn.avg_pool2d(errors, model.score_window, strides=1, padding="VALID")
        return {"score": tf.reduce_mean(errors**2, range(1, len(model.input_shape)))}

    endpoints = {
        "reconstruct": (model, lambda x: {"reconstruction": model(x, training=False)}),
        "encode": (model.encoder, lambda x: {"code": model.encoder(x, training=False)}),
        "decode": (model.decoder, lambda x: {"reconstruction": model.decoder(x, training=False)}),
        "score": (model, score),
    }
    endpoints["generate"] = endpoints["decode"]
    module: Any = tf.Module()
    module.weights = [weight.value for weight in model.variables]
    signatures = {}
    for name in signatures_of(model):
        part, function = endpoints[name]
        spec = tf.TensorSpec(part.inputs[0].shape, tf.float32, name="x")
        signatures[name] = tf.function(function, input_signature=[spec])
        setattr(module, name, signatures[name])
    signatures["serving_default"] = signatures["reconstruct"]
    tf.saved_model.save(module, str(folder / SAVED_MODEL), signatures=signatures)


def compress(path: Path) -> None:
    """Compress the entries of a `.keras` file, which Keras stores as they are."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(path) as stored,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as compressed,
    ):
        for entry in stored.infolist():
            data = stored.read(entry)
            if entry.filename.endswith(".h5"):
                data = _shuffled(data)
            compressed.writestr(entry.filename, data)
    path.write_bytes(content.getvalue())


def _shuffled(content: bytes) -> bytes:
    """Return an HDF5 file with the bytes of equal place in its numbers side by side, compressed.

    Rounded weights take a fifth less room so; readers of HDF5 undo it by themselves.
    """
    packed = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as before, h5py.File(packed, "w") as after:

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Dataset):
                # An index of chunks takes more than small arrays could save.
                large = {"chunks": item.shape, "shuffle": True, "compression": "gzip"}
                filters = large if item.size > SHUFFLED else {}
                made = after.create_dataset(name, data=item[()], **filters)
            else:
                made = after.require_group(name)
            made.attrs.update(item.attrs)

        after.attrs.update(before.attrs)
        before.visititems(copy)
    return packed.getvalue()


def variants_of(model: zoo.Autoencoder) -> tuple[str, ...]:
    """Return the variants that a model has: the fused ones need an LSTM."""
    lstm = has_lstm(model)
    return tuple(name for name, variant in VARIANTS.items() if lstm or not variant.fused)


def export_tflite(
    keras_file: Path,
    folder: Path,
    variants: Sequence[str],
    samples: np.ndarray,
    *,
    only: str | None = None,
    int8_io: bool = False,
    per_channel: bool = False,
) -> list[str]:
    """Convert a model in a process of its own, see `converting.convert`.

    Returns:
        A sentence for the first variant that does not convert; none if all do.
    """
    options = [
        *(["--only", only] if only else []),
        *(["--int8-io"] if int8_io else []),
        *(["--per-channel"] if per_channel else []),
    ]
    with tempfile.TemporaryDirectory() as scratch:
        samples_file = Path(scratch, "samples.npy")
        np.save(samples_file, samples, allow_pickle=False)
        status, message = fresh_process.run(
            "recipes.converting",
            [keras_file, samples_file, folder, *variants, *options],
            label="convert",
            steps=len(variants),
        )
    if status == 0:
        return []
    names = [file_name(variant, only) for variant in variants]
    failed = next((name for name in names if not (folder / name).exists()), names[-1])
    reason = f"signal {-status}" if status < 0 else message
    return [f"{failed} could not be converted ({reason})"]
