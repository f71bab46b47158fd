"""Data sets: splits, bad arrays, missing sets, and real sets where they are at hand."""

import gzip
import math
import shutil

import numpy as np
import pytest

import zoo
from zoo import data
from zoo.data import numpy_file, splitting
from zoo.data.dataset import Dataset


def test_cutting_is_disjoint_complete_and_fixed():
    samples = np.arange(101)
    rest, part = splitting.cut(samples, 0.1)
    assert len(part) == 11
    assert sorted([*rest, *part]) == list(samples)
    again, _ = splitting.cut(samples, 0.1)
    np.testing.assert_array_equal(rest, again)
    assert list(rest) != sorted(rest)


def test_digits_need_no_download_and_are_cut_without_overlap():
    dataset = data.load("digits")
    sizes = [len(dataset.train), len(dataset.validation), len(dataset.test)]
    assert sizes == [1293, 144, 360]
    assert dataset.train.shape[1:] == (8, 8, 1)
    assert dataset.train.dtype == np.float32
    assert dataset.train.min() == 0
    assert dataset.train.max() == 1
    # The 1797 scans are all different, so equal images would mean one sample in two splits.
    images = np.concatenate([dataset.train, dataset.validation, dataset.test]).reshape(1797, -1)
    assert len(np.unique(images, axis=0)) == 1797


def test_splits_in_files_are_those_in_memory(tmp_path, monkeypatch, rng):
    samples = rng.random((50, 3)).astype("float32")
    batches = [samples[:20], samples[20:]]
    expected = splitting.distribute(batches, samples.shape, [7, 4])
    monkeypatch.setattr(splitting, "BYTES_IN_MEMORY", 7 * 3 * 4)
    found = splitting.distribute(batches, samples.shape, [7, 4], tmp_path)
    assert [isinstance(part, np.memmap) for part in found] == [True, False, False]
    for part, same in zip(found, expected, strict=True):
        np.testing.assert_array_equal(part, same)
    assert [len(part) for part in found] == [39, 7, 4]
    assert sorted(np.concatenate(found).tolist()) == sorted(samples.tolist())


@pytest.mark.parametrize(
    ("dtype", "highest", "value_range"),
    [("uint8", 255, (0, 1)), ("float64", 1, (0, 1)), ("float32", 7, (-np.inf, np.inf))],
)
def test_a_file_of_one_s_own(tmp_path, rng, monkeypatch, dtype, highest, value_range):
    monkeypatch.setattr(numpy_file, "MOST_HELD_OUT", 15)
    monkeypatch.setattr(numpy_file, "BATCH", 30)
    samples = (rng.random((100, 4, 2)) * highest).astype(dtype)
    np.save(tmp_path / "mine.npy", samples)
    dataset = data.load(str(tmp_path / "mine.npy"))
    assert dataset.value_range == value_range
    splits = [dataset.train, dataset.validation, dataset.test]
    assert [len(split) for split in splits] == [76, 9, 15]
    together = np.concatenate(splits)
    assert together.dtype == np.float32
    expected = samples.astype("float32") / (255 if dtype == "uint8" else 1)
    np.testing.assert_allclose(
        np.sort(together.reshape(100, -1), axis=0), np.sort(expected.reshape(100, -1), axis=0)
    )
    few = data.load(str(tmp_path / "mine.npy"), max_samples=10)
    assert [len(split) for split in (few.train, few.validation, few.test)] == [10, 2, 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no array", "cannot be read as an array of numbers"),
        (np.array([{}, {}]), "cannot be read as an array of numbers"),
        (
            np.zeros((9, 4), "int32"),
            r"are int32 of shape \(9, 4\): they must be floats or 8-bit values",
        ),
        (np.zeros(9), r"of shape \(9,\)"),
        (np.full((9, 4), np.nan), "holds NaN or infinity"),
        (None, "cannot be read as an array of numbers .*No such file"),
    ],
)
def test_a_bad_file_of_one_s_own_is_refused(tmp_path, content, message):
    path = tmp_path / "mine.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content, allow_pickle=True)
    with pytest.raises(zoo.InputError, match=message):
        data.load(str(path))


def test_a_strided_view_of_a_file_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((10, 2), "float32"))
    view = np.load(tmp_path / "a.npy", mmap_mode="r")[::2]
    with pytest.raises(zoo.InputError, match="not contiguous in its file"):
        Dataset("a", "1", (0, 1), "", view, view, view)


def test_max_samples_keeps_the_first_of_each_split():
    small, full = data.load("digits", max_samples=10), data.load("digits")
    for split in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(small, split), getattr(full, split)[:10])


GOOD = np.zeros((4, 3, 2), "float32")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (GOOD[:0], "is empty"),
        (np.zeros(4, "float32"), r"has shape \(4,\): it needs \(samples, \*sample_shape\)"),
        (np.zeros((4, 2, 3), "float32"), r"shape \(2, 3\), unlike the training split's \(3, 2\)"),
        (np.full_like(GOOD, np.nan), "NaN or infinity"),
        (np.full_like(GOOD, np.inf), "NaN or infinity"),
        (np.full_like(GOOD, 255), r"values from 255 to 255, outside \[0, 1\]"),
        (np.full_like(GOOD, -0.5), "outside"),
    ],
)
@pytest.mark.parametrize("split", ["validation", "test"])
def test_bad_arrays_are_refused_with_one_sentence(split, bad, message):
    splits = {"train": GOOD, "validation": GOOD, "test": GOOD, split: bad}
    with pytest.raises(zoo.InputError, match=message) as error:
        Dataset(name="mine", version="1", value_range=(0, 1), scaling="any", **splits)
    assert f"The {split} split of 'mine'" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_set_says_what_is_missing_and_both_ways_to_provide_it(tmp_path):
    for name in ("mnist", "ecg5000"):
        with pytest.raises(zoo.InputError) as error:
            data.load(name, data_dir=tmp_path)
        for part in (name, str(tmp_path), "--download", "--data-dir", "TFDS_DATA_DIR"):
            assert part in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_set_is_refused(tmp_path):
    with pytest.raises(zoo.InputError, match="There is no data set 'mnits'"):
        data.load("mnits", data_dir=tmp_path)


@pytest.mark.parametrize("name", ["", "a b", "../x", "mnist:9.9.9"])
def test_a_name_that_tfds_cannot_read_is_refused(name, tmp_path):
    with pytest.raises(zoo.InputError, match=f"The data set '{name}' cannot be read") as error:
        data.load(name, data_dir=tmp_path)
    assert "\n" not in str(error.value)


def test_a_damaged_set_is_refused(shared_data, tmp_path):
    folder = tmp_path / "mnist/3.0.1"
    shutil.copytree(shared_data / "tfds/mnist/3.0.1", folder, copy_function=shutil.copyfile)
    (train,) = folder.glob("*train.tfrecord*")
    train.write_bytes(train.read_bytes()[:1000])
    with pytest.raises(zoo.InputError, match=f"'mnist' in {folder} are damaged or missing"):
        data.load("mnist", data_dir=tmp_path)
    (folder / "dataset_info.json").write_text("{")
    with pytest.raises(zoo.InputError, match="'mnist' cannot be read"):
        data.load("mnist", data_dir=tmp_path)


def test_a_failed_download_names_the_way_out(tmp_path, monkeypatch):
    def offline(*_, **__):
        raise ConnectionError("no route to host")

    monkeypatch.setattr("tensorflow_datasets.core.DatasetBuilder.download_and_prepare", offline)
    with pytest.raises(zoo.InputError, match=r"no route to host.*--data-dir"):
        data.load("mnist", data_dir=tmp_path, download=True)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_image_sets_come_through_tfds(name, shared_data):
    dataset = data.load(name, data_dir=shared_data / "tfds", max_samples=2000)
    assert dataset.version == f"{name}/3.0.1"
    assert dataset.train.shape == (2000, 28, 28, 1)
    assert dataset.test.shape == (2000, 28, 28, 1)
    assert dataset.train.max() == 1
    # MNIST's pixels have mean .131, Fashion-MNIST's .286.
    expected = {"mnist": 0.131, "fashion_mnist": 0.286}[name]
    assert dataset.train.mean() == pytest.approx(expected, abs=0.01)


def test_the_data_dir_of_the_environment_is_respected(shared_data):
    from conftest import run_python

    code = """
import json, os, sys
os.environ["TFDS_DATA_DIR"] = sys.argv[1]
from zoo import data
from zoo.data import numpy_file, splitting
print(json.dumps(data.load("mnist", max_samples=5).version))
"""
    assert run_python(code, str(shared_data / "tfds")) == "mnist/3.0.1"


def test_ecg5000_is_read_from_a_local_folder(shared_data):
    dataset = data.load("ecg5000", data_dir=shared_data / "ecg5000")
    assert dataset.version == "ecg5000/1.0.0"
    shapes = [split.shape for split in (dataset.train, dataset.validation, dataset.test)]
    assert shapes == [(450, 140, 1), (50, 140, 1), (4500, 140, 1)]
    assert dataset.value_range == (-math.inf, math.inf)
    # The archive's beats are standardised one by one.
    np.testing.assert_allclose(dataset.test.mean(axis=1), 0, atol=1e-4)


def test_a_changed_ecg5000_file_is_refused(shared_data, tmp_path):
    for file in (shared_data / "ecg5000").glob("*.gz"):
        shutil.copy(file, tmp_path)
    path = tmp_path / "ECG5000_TEST.ts.gz"
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(content.replace(b"1", b"2", 1)))
    with pytest.raises(zoo.InputError, match="sha256 differs"):
        data.load("ecg5000", data_dir=tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(zoo.InputError, match="cannot be read"):
        data.load("ecg5000", data_dir=tmp_path)
