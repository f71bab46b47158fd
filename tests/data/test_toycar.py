"""ToyCar in the user's own folder: its splits, what is read of it, and what is wrong with it."""

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import write_wav

import zoo
from zoo import data
from zoo.edge import log_mel

PER_CLIP = 196


def windows(clips):
    return np.stack([log_mel.windows(log_mel.read_wav(clip)) for clip in sorted(clips)])


def test_splits_are_of_whole_clips_and_without_anomalies(toycar):
    dataset = data.load("toycar", data_dir=toycar)
    assert dataset.version == "machines 01, 02: 12 clips to train and 2 to test on"
    assert dataset.value_range == (-math.inf, math.inf)
    test = windows((toycar / "ToyCar/test").glob("normal*.wav"))
    np.testing.assert_array_equal(dataset.test, test.reshape(-1, 640))
    # Of 12 clips a tenth, rounded up, is for validation. Each clip is whole in one split.
    splits = [split.reshape(-1, PER_CLIP, 640) for split in (dataset.train, dataset.validation)]
    assert [len(split) for split in splits] == [10, 2]
    clips = windows((toycar / "ToyCar/train").glob("*.wav"))
    found = [
        [i for i, clip in enumerate(clips) if np.array_equal(clip, part)]
        for split in splits
        for part in split
    ]
    assert sorted(found) == [[i] for i in range(12)]


def test_the_folder_may_be_toycar_itself(toycar):
    inner, outer = (
        data.load("toycar", data_dir=folder, max_samples=5)
        for folder in (toycar / "ToyCar", toycar)
    )
    np.testing.assert_array_equal(inner.train, outer.train)


@pytest.mark.parametrize(("max_samples", "clips"), [(1, 1), (196, 1), (197, 2)])
def test_no_more_clips_are_read_than_are_needed(max_samples, clips, toycar, monkeypatch):
    full = data.load("toycar", data_dir=toycar)
    read, read_wav = [], log_mel.read_wav
    monkeypatch.setattr(log_mel, "read_wav", lambda path: read.append(path) or read_wav(path))
    small = data.load("toycar", data_dir=toycar, max_samples=max_samples)
    assert len(read) == len(set(read)) == 3 * clips
    for split in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(small, split), getattr(full, split)[:max_samples])


@pytest.mark.parametrize("download", [False, True])
def test_a_folder_without_clips_is_refused_and_what_it_needs_is_said(download, toycar, tmp_path):
    def message(folder):
        with pytest.raises(zoo.InputError) as error:
            data.load("toycar", data_dir=folder, download=download)
        assert "\n" not in str(error.value)
        for part in ("cannot be downloaded", "DCASE 2020", "--data-dir"):
            assert part in str(error.value)
        return str(error.value)

    assert f"{tmp_path}/none holds 0 clips" in message(tmp_path / "none")
    shutil.copytree(toycar, tmp_path / "copy")
    folder = tmp_path / "copy/ToyCar"
    for clip in (folder / "test").glob("normal*"):
        clip.unlink()
    expected = f"{folder} holds 12 clips train/normal_id_*.wav and 0 test/normal_id_*.wav"
    assert expected in message(tmp_path / "copy")
    shutil.copy(toycar / "ToyCar/test/normal_id_01_00000000.wav", folder / "test")
    for clip in sorted((folder / "train").iterdir())[1:]:
        clip.unlink()
    assert f"{folder} holds 1 clips train" in message(folder)


def test_the_folder_of_the_environment_is_respected(toycar, monkeypatch):
    monkeypatch.setattr("tensorflow_datasets.core.constants.DATA_DIR", str(toycar))
    assert len(data.load("toycar", max_samples=3).train) == 3


def damage(path: Path):
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (damage, "is damaged"),
        (lambda path: write_wav(path, np.zeros(100, "int16"), rate=44100), "at 44100 Hz: convert"),
        (lambda path: write_wav(path, np.zeros(100, "int16"), channels=2), "has 2 channels"),
        (lambda path: write_wav(path, np.zeros(100, "int16")), ": The clip has 100 samples, but"),
    ],
    ids=["damaged", "rate", "stereo", "short"],
)
def test_a_clip_that_is_none_is_named(spoil, message, toycar, tmp_path):
    shutil.copytree(toycar, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "ToyCar/test/normal_id_02_00000000.wav"
    spoil(path)
    with pytest.raises(zoo.InputError, match=message) as error:
        data.load("toycar", data_dir=tmp_path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)
