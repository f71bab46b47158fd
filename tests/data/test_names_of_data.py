"""Names of data that are no set and no `.npy` file: what they are, and what to do."""

import numpy as np
import pytest

import zoo
from zoo import data


@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("x.npz", r"np.load\('.*x.npz'\)\[NAME\]"),
        ("x.csv", r"pandas.read_csv"),
        ("x.TSV", r"pandas.read_csv"),
        ("x.mat", r"scipy.io.loadmat"),
        ("x.png", r"read them into one array x"),
        ("", "are a folder"),
    ],
)
def test_a_path_is_told_from_a_name_and_says_how_to_make_an_array(name, way_out, tmp_path):
    if name:
        (tmp_path / name).write_text("1,2")
    with pytest.raises(zoo.InputError, match=way_out) as error:
        data.load(f"{tmp_path}/{name}")
    assert "np.save('samples.npy', x)" in str(error.value)


@pytest.mark.parametrize(
    ("samples", "way_out"),
    [
        (np.zeros(100), "cut one series into windows"),
        (np.zeros((9, 4), "int16"), r"astype\('float32'\)"),
        (np.zeros((9, 4), bool), r"astype\('float32'\)"),
        (np.zeros((9, 4), complex), "an array of real numbers"),
        (np.array([["a"]] * 9), "an array of real numbers"),
        (np.zeros(()), "cut one series"),
        (np.zeros((300, 5, 0)), "none of them empty"),
    ],
)
def test_an_unfit_array_says_what_to_do(samples, way_out, tmp_path):
    np.save(tmp_path / "x.npy", samples)
    with pytest.raises(zoo.InputError, match=way_out):
        data.load(f"{tmp_path}/x.npy")


def test_the_case_of_the_suffix_does_not_matter(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((9, 4), "float32"))
    (tmp_path / "x.npy").rename(tmp_path / "X.NPY")
    assert data.load(f"{tmp_path}/X.NPY").train.shape[1:] == (4,)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06" + bytes(18), b"\x93NUMPY\x02\x00\xff\xff\xff\x7f"]
)
def test_a_damaged_file_is_one_sentence(content, tmp_path):
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(zoo.InputError, match="cannot be read as an array of numbers"):
        data.load(f"{tmp_path}/x.npy")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "x.npy")
    with pytest.raises(zoo.InputError, match="no regular file"):
        data.load(f"{tmp_path}/x.npy")
