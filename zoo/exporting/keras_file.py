"""Writing a model as a small `.keras` file."""

import io
import zipfile
from pathlib import Path

import h5py
import keras

# Arrays with more numbers than this are shuffled and compressed one by one.
SHUFFLED = 1000


def write(model: keras.Model, path: Path) -> None:
    """Write a model as a compressed `.keras` file.

    Args:
        model: Uncompiled model, so that no optimiser state is written.
        path: File to write.
    """
    model.save(path)
    compress(path)


def compress(path: Path) -> None:
    """Compress the entries of a `.keras` file, which Keras stores without compression."""
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
    """Return an HDF5 file whose large arrays are shuffled and compressed.

    The shuffle filter stores the first bytes of all numbers, then the second bytes, and so on.
    Weights rounded to fewer digits then take a fifth less space. Readers of HDF5 undo it by
    themselves.
    """
    packed = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as before, h5py.File(packed, "w") as after:

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Dataset):
                # The index of chunks takes more space than a small array could save.
                large = {"chunks": item.shape, "shuffle": True, "compression": "gzip"}
                filters = large if item.size > SHUFFLED else {}
                made = after.create_dataset(name, data=item[()], **filters)
            else:
                made = after.require_group(name)
            made.attrs.update(item.attrs)

        after.attrs.update(before.attrs)
        before.visititems(copy)
    return packed.getvalue()
