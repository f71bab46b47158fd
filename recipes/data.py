"""Data sets by name, split into train, validation and test; the only place that reads them."""

import contextlib
import io
import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import zoo
from recipes import toycar
from recipes.dataset import Dataset, Labels
from recipes.splitting import cut, distribute

VALIDATION_SHARE = 0.1
# For sets that come without a test split.
TEST_SHARE = 0.2
BINARIZATION_SEED = 0
# Samples that are read at once.
BATCH = 1000
# Of files of one's own both shares are at most so many samples.
MOST_HELD_OUT = 5_000


def load(
    name: str,
    *,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
    max_samples: int | None = None,
    normal_label: int | None = None,
    binarize: bool = False,
    scratch: str | os.PathLike | None = None,
) -> Dataset:
    """Load a data set.

    The test split is the set's own (for `digits`, which has none, a fifth cut off by a fixed
    seed; for `toycar` its normal clips); validation is a tenth of the training split, cut off by
    the same fixed seed. Of a `.npy` file a fifth and a tenth are cut off, at most `MOST_HELD_OUT`.

    Args:
        name: `digits` (8x8 images that come with scikit-learn), `ecg5000`, `toycar`, the name of
            any TFDS image set whose images have one size, such as `mnist`, or a `.npy` file with
            an array `(samples, *sample_shape)` of floats or of 8-bit values.
        data_dir: TFDS data_dir with the prepared set; for `ecg5000` also a folder with the UCR
            files; for `toycar` see `recipes.toycar`. Default: `$TFDS_DATA_DIR`, else TFDS's own
            default.
        download: Fetch and prepare a missing set with TFDS; `toycar` cannot be fetched.
        max_samples: Keep at most so many samples of each split: the first ones, of a TFDS set only
            enough are read to cut validation from, and of `toycar` only the clips that hold them;
            with `normal_label` evenly spaced ones, as some sets are sorted by class.
        normal_label: Keep the samples of this class in the training and the validation split; the
            others of both are the `anomalies`. The test split stays whole.
        binarize: Draw each value of the validation and the test split as 0 or 1, with the value as
            the probability of 1, by a fixed seed. (Training draws its own, afresh each epoch.)
        scratch: An empty folder that outlives the data: a split of a TFDS set or a `.npy` file of
            more than `splitting.BYTES_IN_MEMORY` stays there in a file; None takes all into memory.

    Returns:
        Images scaled to [0, 1], `(height, width, channels)`; ECG beats as they come, `(140, 1)`;
        windows of five frames of log-mel energies in decibels, `(640,)`; 8-bit values scaled to
        [0, 1]; floats as they come.

    Raises:
        InputError: No such set, not there, or unfit for an autoencoder.
    """
    first = max_samples if normal_label is None else None
    if name == toycar.NAME:
        dataset = _toycar(data_dir, first)
    else:
        dataset = _load(name, data_dir, download, first, scratch)
    if normal_label is not None:
        dataset = _one_class(dataset, normal_label, max_samples)
    return _binarized(dataset) if binarize else dataset


def load_for(
    recipe: Mapping[str, Any],
    *,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
    scratch: str | os.PathLike | None = None,
) -> Dataset:
    """Load the data of a recipe in plain values, as `result.json` holds it; see `load`."""
    return load(
        recipe["data"],
        data_dir=data_dir,
        download=download,
        scratch=scratch,
        **{name: recipe[name] for name in ("max_samples", "normal_label", "binarize")},
    )


def _load(
    name: str,
    data_dir: str | os.PathLike | None,
    download: bool,
    max_samples: int | None,
    scratch: str | os.PathLike | None,
) -> Dataset:
    # What is left after the cut is max_samples of train, or a little more.
    limit = max_samples and math.ceil(max_samples / (1 - VALIDATION_SHARE - TEST_SHARE))
    if name.endswith(".npy"):
        version, value_range, scaling, splits = _from_file(Path(name), limit, scratch)
        labels = None
    elif name == "digits":
        version, value_range, scaling, splits, labels = _digits()
    else:
        found = _from_tfds(name, data_dir, download, limit, scratch)
        version, value_range, scaling, splits, labels = found
    train, validation, test = (split[:max_samples] for split in splits)
    return Dataset(
        name=name,
        version=version,
        value_range=value_range,
        scaling=scaling,
        train=train,
        validation=validation,
        test=test,
        labels=Labels(*(part[:max_samples] for part in labels)) if labels else None,
    )


def _one_class(dataset: Dataset, normal_label: int, max_samples: int | None) -> Dataset:
    """Return the data with one class to train on; `anomalies` are the others of that split."""

    def thinned(values: np.ndarray) -> np.ndarray:
        if max_samples is None or len(values) <= max_samples:
            return values
        return values[np.linspace(0, len(values) - 1, max_samples).astype(int)]

    labels = dataset.labels
    if labels is None or normal_label not in labels.train or normal_label not in labels.validation:
        known = "no labels" if labels is None else f"the labels {sorted({*labels.train.tolist()})}"
        raise zoo.InputError(
            f"{dataset.name!r} has {known}, but normal_label is {normal_label}: choose one of them."
        )
    normal = [part == normal_label for part in (labels.train, labels.validation)]
    anomalies = np.concatenate([dataset.train[~normal[0]], dataset.validation[~normal[1]]])
    return replace(
        dataset,
        train=thinned(dataset.train[normal[0]]),
        validation=thinned(dataset.validation[normal[1]]),
        test=thinned(dataset.test),
        anomalies=thinned(anomalies),
        labels=Labels(
            thinned(labels.train[normal[0]]),
            thinned(labels.validation[normal[1]]),
            thinned(labels.test),
        ),
        normal_label=normal_label,
    )


def _binarized(dataset: Dataset) -> Dataset:
    if dataset.value_range != (0, 1):
        raise zoo.InputError(
            f"binarize needs values on [0, 1], unlike those of {dataset.name!r}: leave it out."
        )
    rng = np.random.default_rng(BINARIZATION_SEED)
    drawn = {
        split: (rng.random(samples.shape) < samples).astype("float32")
        for split, samples in (("validation", dataset.validation), ("test", dataset.test))
    }
    scaling = f"{dataset.scaling}, then drawn as 0 or 1"
    return replace(dataset, **drawn, scaling=scaling, binarized=True)


def _digits():
    import sklearn
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.images.astype("float32")[..., None] / 16
    version = f"scikit-learn {sklearn.__version__}"
    splits, labels = ([], [])
    for whole, parts in ((images, splits), (digits.target, labels)):
        train, test = cut(whole, TEST_SHARE)
        parts += [*cut(train, VALIDATION_SHARE), test]
    return version, (0.0, 1.0), "grey levels divided by 16", splits, labels


def _from_file(path: Path, limit: int | None, scratch: str | os.PathLike | None):
    try:
        samples = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise zoo.InputError(
            f"The data {str(path)!r} cannot be read as an array of numbers ({error}): name a .npy "
            "file that numpy.save wrote."
        ) from error
    bits = samples.dtype == np.uint8
    if samples.ndim < 2 or len(samples) < 3 or not (bits or samples.dtype.kind == "f"):
        raise zoo.InputError(
            f"The data {str(path)!r} are {samples.dtype} of shape {samples.shape}: they must be "
            "floats or 8-bit values (uint8), (samples, *sample_shape), of at least 3 samples."
        )
    count = min(limit or len(samples), len(samples))
    test = min(math.ceil(TEST_SHARE * count), MOST_HELD_OUT)
    validation = min(math.ceil(VALIDATION_SHARE * (count - test)), MOST_HELD_OUT)
    unit = True

    def batches() -> Iterator[np.ndarray]:
        nonlocal unit
        for start in range(0, count, BATCH):
            # Opened anew: what is read through a map stays in memory as long as the map.
            part = np.load(path, mmap_mode="r", allow_pickle=False)[start : start + BATCH]
            part = part[: count - start].astype("float32") / np.float32(255 if bits else 1)
            unit = unit and part.min() >= 0 and part.max() <= 1
            yield part

    parts = distribute(batches(), (count, *samples.shape[1:]), [validation, test], scratch)
    value_range = (0.0, 1.0) if unit else (-math.inf, math.inf)
    scaling = "8-bit values divided by 255" if bits else "as they come"
    return f"{path.name}, {len(samples)} samples", value_range, scaling, parts


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


def _from_tfds(
    name: str,
    data_dir: str | os.PathLike | None,
    download: bool,
    limit: int | None,
    scratch: str | os.PathLike | None,
):
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
            raise zoo.InputError(
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
        return builder.info.full_name, value_range, scaling, parts, labels


def _batches(
    builder: Any, split: str, key: str, limit: int | None, labels: list[np.ndarray] | None
):
    """Return the shape of all samples of a split, and an iterator over batches of them.

    The iterator adds the labels of each batch to `labels`.
    """
    import tensorflow_datasets as tfds
    from tqdm import tqdm

    feature, count = builder.info.features[key], builder.info.splits[split].num_examples
    if limit and limit < count:
        split, count = f"{split}[:{limit}]", limit

    def batches() -> Iterator[np.ndarray]:
        with tqdm(total=count, desc=f"{builder.name} {split}", leave=False, disable=None) as bar:
            for batch in tfds.as_numpy(builder.as_dataset(split=split).batch(BATCH)):
                values = batch[key].astype("float32")
                if feature.np_dtype == np.uint8:
                    values /= 255
                if labels is not None:
                    labels.append(batch["label"])
                yield values
                bar.update(len(values))

    return (count, *feature.shape), batches()


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
