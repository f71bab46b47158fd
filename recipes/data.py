"""Data sets by name, split into train, validation and test; the only place that reads them."""

import contextlib
import io
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import zoo
from recipes import toycar
from recipes.recipe import Dataset

SPLIT_SEED = 0
VALIDATION_SHARE = 0.1
# For sets that come without a test split.
TEST_SHARE = 0.2


def load(
    name: str,
    *,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
    max_samples: int | None = None,
) -> Dataset:
    """Load a data set.

    The test split is the set's own (for `digits`, which has none, a fifth cut off by a fixed
    seed; for `toycar` its normal clips); validation is a tenth of the training split, cut off by
    the same fixed seed.

    Args:
        name: `digits` (8x8 images that come with scikit-learn), `ecg5000`, `toycar`, or the name of
            any TFDS image set whose images have one size, such as `mnist`.
        data_dir: TFDS data_dir with the prepared set; for `ecg5000` also a folder with the UCR
            files; for `toycar` see `recipes.toycar`. Default: `$TFDS_DATA_DIR`, else TFDS's own
            default.
        download: Fetch and prepare a missing set with TFDS; `toycar` cannot be fetched.
        max_samples: Keep at most so many samples of each split; of a TFDS set only the first ones
            are read, enough to cut validation from, and of `toycar` only the clips that hold them.

    Returns:
        Images scaled to [0, 1], `(height, width, channels)`; ECG beats as they come, `(140, 1)`;
        windows of five frames of log-mel energies in decibels, `(640,)`.

    Raises:
        InputError: No such set, not there, or unfit for an autoencoder.
    """
    if name == toycar.NAME:
        return _toycar(data_dir, max_samples)
    if name == "digits":
        version, value_range, scaling, train, test = _digits()
    else:
        # What is left after the cut is max_samples of train, or a little more.
        limit = max_samples and math.ceil(max_samples / (1 - VALIDATION_SHARE - TEST_SHARE))
        version, value_range, scaling, train, test = _from_tfds(name, data_dir, download, limit)
    if test is None:
        train, test = cut(train, TEST_SHARE)
    train, validation = cut(train, VALIDATION_SHARE)
    return Dataset(
        name=name,
        version=version,
        value_range=value_range,
        scaling=scaling,
        train=train[:max_samples],
        validation=validation[:max_samples],
        test=test[:max_samples],
    )


def cut(samples: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut a share off the samples by a fixed seed; both parts are shuffled."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(samples))
    count = math.ceil(share * len(samples))
    return samples[order[count:]], samples[order[:count]]


def _digits():
    import sklearn
    from sklearn.datasets import load_digits

    images = load_digits().images.astype("float32")[..., None] / 16
    version = f"scikit-learn {sklearn.__version__}"
    return version, (0.0, 1.0), "grey levels divided by 16", images, None


def _toycar(data_dir: str | os.PathLike | None, max_samples: int | None) -> Dataset:
    train, test = toycar.find_clips(_folder(data_dir))
    version = toycar.describe(train, test)
    # Whole clips are cut off: their windows overlap.
    train, validation = (list(part) for part in cut(np.array(train), VALIDATION_SHARE))
    return Dataset(
        name=toycar.NAME,
        version=version,
        value_range=(-math.inf, math.inf),
        scaling="log-mel energies in decibels: five frames of 128 bands",
        train=toycar.read_windows(train, max_samples),
        validation=toycar.read_windows(validation, max_samples),
        test=toycar.read_windows(test, max_samples),
    )


def _from_tfds(name: str, data_dir: str | os.PathLike | None, download: bool, limit: int | None):
    # TFDS reads its data with TensorFlow: seconds to import, so only where it is needed.
    import tensorflow as tf
    import tensorflow_datasets as tfds

    with _builder(name, data_dir, download) as builder:
        features = dict(builder.info.features or {})
        image = isinstance(features.get("image"), tfds.features.Image)
        key = "image" if image else "signal"
        if key not in features or "train" not in builder.info.splits:
            raise zoo.InputError(
                f"{name!r} is no image set with a training split: use digits, ecg5000, toycar or "
                "a TFDS image set such as mnist."
            )
        shape = features[key].shape
        if None in shape or (image and features[key].np_dtype != np.uint8):
            raise zoo.InputError(
                f"The images of {name!r} are not 8-bit images of one size (TFDS says {shape}): use "
                "a set whose images are alike."
            )
        splits = [split for split in ("train", "test") if split in builder.info.splits]
        try:
            arrays = {split: _read(builder, split, key, limit) for split in splits}
        except tf.errors.OpError as error:
            raise zoo.InputError(
                f"The files of {name!r} in {builder.data_path} are damaged or missing: remove that "
                "folder and prepare the set again."
            ) from error
        value_range = (0.0, 1.0) if image else (-math.inf, math.inf)
        scaling = "8-bit pixel values divided by 255" if image else "standardised sample by sample"
        return builder.info.full_name, value_range, scaling, arrays["train"], arrays.get("test")


def _read(builder: Any, split: str, key: str, limit: int | None) -> np.ndarray:
    import tensorflow_datasets as tfds
    from tqdm import tqdm

    feature, count = builder.info.features[key], builder.info.splits[split].num_examples
    if limit and limit < count:
        split, count = f"{split}[:{limit}]", limit
    # One array filled in place: a list of batches would need the memory twice.
    samples = np.empty((count, *feature.shape), "float32")
    batches = tfds.as_numpy(builder.as_dataset(split=split).batch(1000))
    start = 0
    with tqdm(total=count, desc=f"{builder.name} {split}", leave=False, disable=None) as bar:
        for batch in batches:
            values = batch[key]
            samples[start : start + len(values)] = values
            start += len(values)
            bar.update(len(values))
    if feature.np_dtype == np.uint8:
        samples /= 255
    return samples


def _folder(data_dir: str | os.PathLike | None) -> Path:
    import tensorflow_datasets as tfds

    return Path(data_dir or tfds.core.constants.DATA_DIR).expanduser()


@contextlib.contextmanager
def _builder(name: str, data_dir: str | os.PathLike | None, download: bool) -> Iterator[Any]:
    """Yield a TFDS builder whose data are prepared."""
    import tensorflow_datasets as tfds

    # Imported to put it into TFDS's registry of builders.
    from recipes import ecg5000

    folder = _folder(data_dir)
    with contextlib.ExitStack() as stack:
        if name == "ecg5000" and (source := ecg5000.find_source(folder)):
            # Prepared afresh each time, in seconds: the folder may well be read-only.
            scratch = stack.enter_context(tempfile.TemporaryDirectory())
            builder = ecg5000.Ecg5000(data_dir=scratch, source_dir=source)
            tfds.disable_progress_bar()
            _prepare(builder)
            tfds.enable_progress_bar()
        else:
            try:
                builder = tfds.builder(name, data_dir=folder)
            except tfds.core.DatasetNotFoundError:
                raise zoo.InputError(
                    f"There is no data set {name!r}: use digits, ecg5000, toycar or the name "
                    "of a TFDS image set such as mnist."
                ) from None
            # TFDS raises errors of many types on names it cannot parse and on damaged folders.
            except Exception as error:
                reason = str(error).strip().partition("\n")[0]
                raise zoo.InputError(
                    f"The data set {name!r} cannot be read from {folder} ({reason}): mend the name "
                    "or the folder."
                ) from error
            if not builder.is_prepared():
                if not download:
                    raise zoo.InputError(_how_to_provide(name, folder))
                try:
                    _prepare(builder)
                except (OSError, tfds.download.DownloadError) as error:
                    reason = str(error).partition("\n")[0]
                    raise zoo.InputError(
                        f"{name!r} could not be downloaded into {folder} ({reason}): check the "
                        "network, or point --data-dir (data_dir=) to a copy that is prepared."
                    ) from error
        yield builder


def _prepare(builder: Any) -> None:
    # TFDS prints what it does to standard output, which belongs to the program's own results.
    with contextlib.redirect_stdout(io.StringIO()):
        builder.download_and_prepare()


def _how_to_provide(name: str, folder: Path) -> str:
    kind = "with the UCR files or with the prepared set" if name == "ecg5000" else "that holds it"
    return (
        f"The data set {name!r} is not in {folder}: fetch it with --download (download=True), or "
        f"point --data-dir (data_dir=) or TFDS_DATA_DIR to a folder {kind}."
    )
