"""Data of one's own: they may be moved, but not changed, between training and what comes later."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

import zoo
from zoo import recipe_book
from zoo.cli import train_commands
from zoo.pipeline import trained_folder
from zoo.results.result import read_result

RECIPE = replace(recipe_book.get("dense_digits"), epochs=1, restarts=1, batch_size=32)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with volumes in `X.npy`, in the folder `out` what was trained on them."""
    folder = tmp_path_factory.mktemp("own")
    volumes = np.random.default_rng(0).random((200, 4, 4, 4, 1), dtype="float32")
    np.save(folder / "X.npy", volumes)
    recipe = replace(RECIPE.on("X.npy"), name="mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # Files are not what these tests are about.
        patch.setattr("zoo.exporting.fresh_process.run", run_here)
        zoo.train(recipe, out=folder / "out", variants=["fp32"])
    return folder


def run_here(module, arguments, *, label, steps):
    import contextlib
    import importlib
    import io
    import sys

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setattr(sys, "argv", [module, *map(str, arguments)])
        importlib.import_module(module).main()
    return 0, ""


@pytest.fixture
def own(made, tmp_path):
    """A copy of all of it, with the first one gone."""
    folder = shutil.copytree(made, tmp_path / "own")
    result = read_result(folder / "out/mine")
    result["data"]["path"] = str(folder / "X.npy")
    return folder, result


def load(folder, result, **options):
    options = {"data_dir": None, "download": False, "scratch": folder, **options}
    return trained_folder.load_data(folder / "out/mine", result, **options)


def test_a_picture_that_cannot_be_drawn_is_left_out_of_the_folder_and_the_card(made):
    folder = made / "out/mine"
    assert set(read_result(folder)["undrawn"]) == {"reconstructions.png"}
    assert (folder / "loss.png").is_file()
    assert not (folder / "reconstructions.png").exists()
    assert "reconstructions.png" not in (folder / "README.md").read_text()
    assert (folder / "model.tflite").is_file()


def test_the_place_of_the_data_is_absolute(made):
    data = read_result(made / "out/mine")["data"]
    assert data["path"] == str(made / "X.npy")
    assert os.path.isabs(data["path"])


@pytest.mark.parametrize("place", ["where they were", "the current folder", "data_dir"])
def test_data_are_found_from_another_folder(own, monkeypatch, tmp_path, place):
    folder, result = own
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    options = {}
    if place != "where they were":
        shutil.move(folder / "X.npy", folder / "out")
        with pytest.raises(zoo.InputError, match="No such file"):
            load(folder, result)
        if place == "the current folder":
            monkeypatch.chdir(folder / "out")
        else:
            options["data_dir"] = folder / "out"
    assert load(folder, result, **options).train.shape == (144, 4, 4, 4, 1)


@pytest.mark.parametrize("change", ["values", "order", "number", "shape"])
def test_data_that_changed_under_their_name_are_refused(own, change):
    folder, result = own
    x = np.load(folder / "X.npy")
    changed = {"values": 1 - x, "order": x[::-1], "number": x[:-10], "shape": x[:, :3]}
    np.save(folder / "X.npy", changed[change])
    with pytest.raises(zoo.InputError, match=r"not those that 'mine' was trained on \("):
        load(folder, result)
    before = (folder / "out/mine/result.json").read_bytes()
    shutil.copy(folder / "X.npy", folder / "out/X.npy")
    for function in (zoo.export, zoo.verify):
        with pytest.raises(zoo.InputError, match=r"not those that 'mine' was trained on \("):
            function(folder / "out/mine", data_dir=folder / "out")
    assert (folder / "out/mine/result.json").read_bytes() == before


def test_results_of_earlier_versions_have_no_fingerprint(own):
    folder, result = own
    for name in ("path", "fingerprint"):
        del result["data"][name]
    result["recipe"]["data"] = str(folder / "X.npy")
    assert len(load(folder, result).test) == 40


def test_other_data_under_the_same_name_need_the_flag(own, monkeypatch):
    folder, _ = own
    (folder / "other").mkdir()
    np.save(folder / "other/X.npy", 1 - np.load(folder / "X.npy"))
    recipe = replace(RECIPE.on(str(folder / "other/X.npy")), name="mine", gates=())
    before = (folder / "out/mine/model.keras").read_bytes()
    with pytest.raises(zoo.InputError, match=r"other content from .*X\.npy.*--overwrite"):
        zoo.train(recipe, out=folder / "out")
    assert (folder / "out/mine/model.keras").read_bytes() == before

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("zoo.pipeline.train.check_space", stop)
    with pytest.raises(KeyboardInterrupt):
        train_commands.make_command(recipe)(data=None, out=folder / "out", overwrite=True)
