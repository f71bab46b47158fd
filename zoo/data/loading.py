"""Data sets by name, split into train, validation and test."""

import os
from typing import TYPE_CHECKING

from zoo.data import binarizing, digits, file_kinds, numpy_file, one_class, tfds_sets, toycar
from zoo.data.dataset import Dataset

if TYPE_CHECKING:
    from zoo.recipe import Recipe


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

    The test split is the one that the set comes with; of `toycar` it is the normal clips. A set
    that has none, and a `.npy` file, give a fifth of their samples to it. Validation is a tenth of
    what is left for training. Both are drawn at random by a fixed seed. A `.npy` file gives at most
    `numpy_file.MOST_HELD_OUT` samples to each.

    Args:
        name: `digits` (8x8 images that come with scikit-learn), `ecg5000`, `toycar`, the name of
            any TFDS image set whose images all have the same size, such as `mnist`, or a `.npy`
            file with an array `(samples, *sample_shape)` of floats or of 8-bit values.
        data_dir: TFDS data_dir with the prepared set; for `ecg5000` also a folder with the UCR
            files; for `toycar` see `zoo.data.toycar`. Default: `$TFDS_DATA_DIR`, else TFDS's own
            default.
        download: Fetch and prepare a missing set with TFDS; `toycar` cannot be fetched.
        max_samples: Keep at most so many samples of each split: the first ones, or with
            `normal_label` evenly spaced ones, as some sets are sorted by class. No more is read
            than is needed for them.
        normal_label: Keep only the samples of this class in the training and the validation split;
            the others of both become the `anomalies`. The test split stays whole.
        binarize: Draw each value of the validation and the test split as 0 or 1, with the value as
            the probability of 1, by a fixed seed. (Training draws its own, afresh each epoch.)
        scratch: An empty folder that exists as long as the data are used. A split of more than
            `splitting.BYTES_IN_MEMORY` is kept there in a file; None takes all into memory.

    Returns:
        Images scaled to [0, 1], `(height, width, channels)`; ECG beats as they come, `(140, 1)`;
        windows of five frames of log-mel energies in decibels, `(640,)`; 8-bit values scaled to
        [0, 1]; floats as they come.

    Raises:
        InputError: No such set, not there, or unfit for an autoencoder.
    """
    first = max_samples if normal_label is None else None
    if file_kinds.is_npy(name):
        dataset = numpy_file.read(name, first, scratch)
    elif name == digits.NAME:
        dataset = digits.read(first)
    elif name == toycar.NAME:
        dataset = toycar.read(tfds_sets.folder(data_dir), first)
    else:
        file_kinds.refuse_paths(name)
        dataset = tfds_sets.read(name, data_dir, download, first, scratch)
    if normal_label is not None:
        dataset = one_class.keep(dataset, normal_label, max_samples)
    return binarizing.binarize(dataset) if binarize else dataset


def is_own(name: str) -> bool:
    """Return whether the data of that name are a file of a user's own, not a published set."""
    return file_kinds.suffix_of(name) != ""


def for_recipe(
    recipe: "Recipe",
    *,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
    scratch: str | os.PathLike | None = None,
) -> Dataset:
    """Load the data of a recipe; see `load`."""
    return load(
        recipe.data,
        data_dir=data_dir,
        download=download,
        max_samples=recipe.max_samples,
        normal_label=recipe.normal_label,
        binarize=recipe.binarize,
        scratch=scratch,
    )
