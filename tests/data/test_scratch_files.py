"""Splits in files: where they lie, what they need, and what a full disk says."""

import errno
import os

import numpy as np
import pytest

import zoo
from zoo import data
from zoo.data import splitting

SHAPE = (50, 3)


@pytest.fixture(autouse=True)
def nothing_in_memory(monkeypatch):
    monkeypatch.setattr(splitting, "BYTES_IN_MEMORY", 0)


def batches(read):
    for start in range(0, 50, 10):
        read.append(start)
        yield np.full((10, 3), start, "float32")


def test_a_full_disk_is_found_out_before_anything_is_read_and_named(tmp_path, monkeypatch):
    def full(handle, offset, size):
        sizes.append(size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    read, sizes = [], []
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(zoo.InputError, match=rf"written to {tmp_path} \(No space left on device\)"):
        splitting.distribute(batches(read), SHAPE, [7, 4], tmp_path)
    assert read == [0]
    assert sizes == [7 * 3 * 4]


def test_the_space_of_each_file_is_taken_at_once(tmp_path):
    parts = splitting.distribute(batches([]), SHAPE, [7, 4], tmp_path)
    for part in parts:
        assert isinstance(part, np.memmap)
        assert os.stat(str(part.filename)).st_blocks * 512 >= part.nbytes


def test_a_disk_that_fills_up_while_reading_is_named(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(splitting.Path, "open", full)
    with pytest.raises(zoo.InputError, match=rf"Nothing can be written to {tmp_path} \("):
        splitting.distribute(batches([]), SHAPE, [7, 4], tmp_path)


def test_what_is_prepared_for_reading_lies_there_too(tmp_path, monkeypatch, shared_data):
    from zoo.data import ecg5000

    places, made = [], ecg5000.Ecg5000.__init__

    def watched(self, **options):
        places.append(options["data_dir"])
        made(self, **options)

    monkeypatch.setattr(ecg5000.Ecg5000, "__init__", watched)
    data.load("ecg5000", data_dir=shared_data / "ecg5000", scratch=tmp_path)
    assert os.path.dirname(places[0]) == str(tmp_path)
    data.load("ecg5000", data_dir=shared_data / "ecg5000", max_samples=5, scratch=None)
    assert os.path.dirname(places[1]) != str(tmp_path)
