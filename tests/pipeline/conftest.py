"""Fixtures of the pipeline's tests."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import zoo
from zoo import recipe_book


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with files of dense_digits that took the place of an earlier one."""
    out = tmp_path_factory.mktemp("saved_models")
    target = out / "dense_digits_smoke"
    target.mkdir()
    for name in ("result.json", "left_over.txt"):
        (target / name).write_text("from an earlier run")
    recipe = replace(recipe_book.get("dense_digits").smoke(), restarts=2)
    assert zoo.train(recipe, out=out, variants=["fp32", "int8"]).folder == target
    return target


@pytest.fixture
def earlier(trained, tmp_path):
    """A copy of the folder, alone in its parent."""
    return Path(shutil.copytree(trained, tmp_path / f"saved_models/{trained.name}"))
