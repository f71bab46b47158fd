"""What is found out about the target before training: its name, its place, its space, its run."""

import errno
import json
import os
import shutil
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

import zoo
from zoo.pipeline import output_folder
from zoo.pipeline.output_folder import check_same_run, check_space, check_target

PUBLISHED = ROOT / "saved_models/dense_digits"


@pytest.fixture
def target(tmp_path):
    """A folder with the result of a published recipe."""
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(PUBLISHED / "result.json", folder)
    return folder


@pytest.mark.parametrize("name", ["-mine", "--out", "a b", "ä", "a{b}", "$HOME", "a%b", "a]b", "'"])
def test_an_unusual_name_is_taken(name, tmp_path):
    check_target(tmp_path / name / "mine")
    check_target(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a[b]", r"because of the \["),
        ("a[b", r"because of the \["),
        ("a*", r"because of the \*"),
        ("a?", r"because of the \?"),
        ("a\\b", r"because of the \\"),
        (os.fsdecode(b"a\xff"), "is not UTF-8"),
    ],
)
def test_a_name_that_would_fail_after_training_is_refused_before(name, message, tmp_path):
    for path in (tmp_path / name, tmp_path / name / "mine"):
        with pytest.raises(zoo.InputError, match=message) as error:
            check_target(path)
        # It can be printed.
        str(error.value).encode()
    assert list(tmp_path.iterdir()) == []


def test_the_names_that_are_refused_are_those_that_tensorflow_cannot_read(tmp_path):
    import tensorflow as tf

    module: Any = tf.Module()
    module.weight = tf.Variable(tf.ones(1))
    for name in ("a[b]", "a\\b"):
        tf.saved_model.save(module, str(tmp_path / name))
        with pytest.raises(OSError, match="Failed to find any matching files"):
            tf.saved_model.load(str(tmp_path / name))


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EPERM, errno.EACCES, errno.EROFS])
def test_a_target_that_cannot_be_moved_away_is_refused(target, monkeypatch, number):
    check_target(target)

    def refuse(_):
        raise OSError(number, os.strerror(number))

    # As a mount point does, which no test can make.
    monkeypatch.setattr(type(target), "rmdir", refuse)
    with pytest.raises(zoo.InputError, match=rf"cannot be replaced \({os.strerror(number)}\)"):
        check_target(target)


def test_trying_a_target_changes_nothing(target):
    before = target.stat().st_ino, (target / "result.json").read_bytes()
    check_target(target)
    assert (target.stat().st_ino, (target / "result.json").read_bytes()) == before


def test_space_is_estimated_before_training(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    check_space(tmp_path, 1000, 1, 1000)
    monkeypatch.setattr(output_folder.shutil, "disk_usage", lambda _: usage(0, 0, 30 << 20))
    check_space(tmp_path / "work", 1 << 19, 1, 0)
    for parameters, seeds, test_bytes in ((1 << 20, 1, 0), (1 << 19, 9, 0), (1 << 19, 1, 8 << 20)):
        with pytest.raises(zoo.InputError, match=f"{tmp_path} has 30 MB of free space, but"):
            check_space(tmp_path / "work", parameters, seeds, test_bytes)


def recorded(target):
    return json.loads((target / "result.json").read_text())


def test_the_same_recipe_on_the_same_data_replaces_its_result(target):
    recipe, data = recorded(target)["recipe"], recorded(target)["data"]
    check_same_run(target, recipe, data)
    # What changes no weight is no other run, nor is what earlier versions did not record.
    check_same_run(target, {**recipe, "restarts": 9, "gates": [], "per_channel": True}, data)
    check_same_run(target, {**recipe, "weight_decay": 0.0}, data)
    check_same_run(target.with_name("none"), {**recipe, "epochs": 3}, data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 3),
        ("model", "sparse"),
        ("arguments", {"latent_dim": 9}),
        ("seed", 5),
        ("weight_decay", 0.1),
        ("binarize", True),
        ("data", "mnist"),
    ],
)
def test_the_result_of_another_recipe_is_not_overwritten(target, name, value):
    found = recorded(target)
    with pytest.raises(zoo.InputError, match=rf"another run, with {name} .*--name.*--overwrite"):
        check_same_run(target, {**found["recipe"], name: value}, found["data"])


def test_a_file_of_one_s_own_is_known_by_its_content(target):
    found = recorded(target)
    own = {**found["data"], "path": "/first/X.npy", "fingerprint": "a"}
    recipe = {**found["recipe"], "data": "X.npy"}
    (target / "result.json").write_text(json.dumps({**found, "recipe": recipe, "data": own}))
    check_same_run(target, {**recipe, "data": "moved/X.npy"}, {**own, "path": "/moved/X.npy"})
    for other in ({**own, "fingerprint": "b"}, found["data"]):
        with pytest.raises(zoo.InputError, match=r"other content from /first/X\.npy"):
            check_same_run(target, recipe, other)


def test_a_trained_result_is_not_overwritten_by_an_export(target):
    model = zoo.get("dense", input_shape=(4,), latent_dim=2)
    samples = np.zeros((3, 4))
    with pytest.raises(zoo.InputError, match="holds the result of another run"):
        zoo.export(model, target, calibration=samples)
    assert list(target.parent.iterdir()) == [target]
