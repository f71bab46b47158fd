"""Data sets by name, split into train, validation and test."""

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import zoo
from recipes import tfds_sets, toycar
from recipes.dataset import Dataset, Labels
from recipes.splitting import BATCH, TEST_SHARE, VALIDATION_SHARE, cut, distribute

BINARIZATION_SEED = 0
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
        found = tfds_sets.read(name, data_dir, download, limit, scratch)
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
    train, test = toycar.find_clips(tfds_sets.folder(data_dir))
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
