"""Data sets that come through TensorFlow Datasets."""

import contextlib
import io
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.dataset import Dataset, Labels
from zoo.data.splitting import (
    BATCH,
    TEST_SHARE,
    VALIDATION_SHARE,
    distribute,
    first,
    limit_of,
)
from zoo.errors import InputError
from zoo.progress import progress


def read(
    name: str,
    data_dir: str | os.PathLike | None,
    download: bool,
    max_samples: int | None,
    scratch: str | os.PathLike | None,
) -> Dataset:
    """Read a set of TFDS, or this project's `ecg5000`.

    Args:
        name: Its name.
        data_dir: See `folder`; for `ecg5000` also a folder with the UCR files.
        download: Fetch and prepare a set that is missing.
        max_samples: Keep at most so many of the first samples of each split; None keeps all.
        scratch: Folder for splits too large for memory, see `splitting.distribute`.

    Raises:
        InputError: No such set, not there, damaged, or unfit for an autoencoder.
    """
    limit = limit_of(max_samples)
    # TFDS reads its data with TensorFlow: seconds to import, so only where it is needed.
    import tensorflow as tf
    import tensorflow_datasets as tfds

    with _builder(name, data_dir, download, scratch) as builder:
        features = dict(builder.info.features or {})
        image = isinstance(features.get("image"), tfds.features.Image)
        key = "image" if image else "signal"
        if key not in features or "train" not in builder.info.splits:
            raise InputError(
                f"{name!r} is no image set with a training split: use digits, ecg5000, toycar or "
                "a TFDS image set such as mnist."
            )
        shape = features[key].shape
        if None in shape or (image and features[key].np_dtype != np.uint8):
            raise InputError(
                f"The images of {name!r} are not 8-bit images of one size (TFDS says {shape}): use "
                "a set whose images are alike."
            )
        labelled = isinstance(features.get("label"), tfds.features.ClassLabel)
        train_labels, test_labels = ([], []) if labelled else (None, None)
        shape, train = _batches(builder, "train", key, limit, train_labels)
        has_test = "test" in builder.info.splits
        test = 0 if has_test else math.ceil(TEST_SHARE * shape[0])
        validation = math.ceil(VALIDATION_SHARE * (shape[0] - test))
        held_out = [validation] if has_test else [validation, test]
        try:
            parts = distribute(train, shape, held_out, scratch)
            if has_test:
                test = _batches(builder, "test", key, limit, test_labels)[1]
                parts.append(np.concatenate(list(test)))
        except tf.errors.OpError as error:
            raise InputError(
                f"The files of {name!r} in {builder.data_path} are damaged or missing: remove that "
                "folder and prepare the set again."
            ) from error
        labels = None
        if train_labels:
            labels = distribute(train_labels, shape[:1], held_out)
            if test_labels:
                labels.append(np.concatenate(test_labels))
        value_range = (0.0, 1.0) if image else (-math.inf, math.inf)
        scaling = "8-bit pixel values divided by 255" if image else "standardised sample by sample"
        return Dataset(
            name,
            builder.info.full_name,
            value_range,
            scaling,
            *first(parts, max_samples),
            labels=Labels(*first(labels, max_samples)) if labels else None,
        )


def _batches(
    builder: Any, split: str, key: str, limit: int | None, labels: list[np.ndarray] | None
):
    """Return the shape of all samples of a split, and an iterator over batches of them.

    The iterator adds the labels of each batch to `labels`.
    """
    import tensorflow_datasets as tfds

    feature, count = builder.info.features[key], builder.info.splits[split].num_examples
    if limit and limit < count:
        split, count = f"{split}[:{limit}]", limit

    def batches() -> Iterator[np.ndarray]:
        read = tfds.as_numpy(builder.as_dataset(split=split).batch(BATCH))
        for batch in progress(read, math.ceil(count / BATCH), f"Reading {builder.name} {split}"):
            values = batch[key].astype("float32")
            if feature.np_dtype == np.uint8:
                values /= 255
            if labels is not None:
                labels.append(batch["label"])
            yield values

    return (count, *feature.shape), batches()


def folder(data_dir: str | os.PathLike | None) -> Path:
    """Return the folder of data: the one given, else TFDS's, which `TFDS_DATA_DIR` sets."""
    import tensorflow_datasets as tfds

    return Path(data_dir or tfds.core.constants.DATA_DIR).expanduser()


@contextlib.contextmanager
def _builder(
    name: str,
    data_dir: str | os.PathLike | None,
    download: bool,
    scratch: str | os.PathLike | None,
) -> Iterator[Any]:
    """Yield a TFDS builder whose data are prepared."""
    import tensorflow_datasets as tfds

    # Imported to put it into TFDS's registry of builders.
    from zoo.data import ecg5000

    place = folder(data_dir)
    with contextlib.ExitStack() as stack:
        if name == "ecg5000" and (source := ecg5000.find_source(place)):
            # Prepared afresh each time, in seconds: the folder may well be read-only.
            prepared = stack.enter_context(tempfile.TemporaryDirectory(dir=scratch))
            builder = ecg5000.Ecg5000(data_dir=prepared, source_dir=source)
            tfds.disable_progress_bar()
            _prepare(builder)
            tfds.enable_progress_bar()
        else:
            try:
                builder = tfds.builder(name, data_dir=place)
            except tfds.core.DatasetNotFoundError:
                raise InputError(
                    f"There is no data set {name!r}: use digits, ecg5000, toycar or the name "
                    "of a TFDS image set such as mnist."
                ) from None
            # TFDS raises errors of many types on names it cannot parse and on damaged folders.
            except Exception as error:
                reason = str(error).strip().partition("\n")[0]
                raise InputError(
                    f"The data set {name!r} cannot be read from {place} ({reason}): use digits, "
                    "ecg5000, toycar, a TFDS image set such as mnist, or a .npy file."
                ) from error
            if not builder.is_prepared():
                if not download:
                    raise InputError(_how_to_provide(name, place))
                try:
                    _prepare(builder)
                except (OSError, tfds.download.DownloadError) as error:
                    reason = str(error).partition("\n")[0]
                    raise InputError(
                        f"{name!r} could not be downloaded into {place} ({reason}): check the "
                        "network, or point --data-dir (data_dir=) to a copy that is prepared."
                    ) from error
        yield builder


def _prepare(builder: Any) -> None:
    # TFDS prints what it does to standard output, which belongs to the program's own results.
    with contextlib.redirect_stdout(io.StringIO()):
        builder.download_and_prepare()


def _how_to_provide(name: str, place: Path) -> str:
    kind = "with the UCR files or with the prepared set" if name == "ecg5000" else "that holds it"
    return (
        f"The data set {name!r} is not in {place}: fetch it with --download (download=True), or "
        f"point --data-dir (data_dir=) or TFDS_DATA_DIR to a folder {kind}."
    )
