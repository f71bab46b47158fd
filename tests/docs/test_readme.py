"""The README runs as it stands, is short, and its figures are those of the results."""

import re
import shutil
import sys

import pytest
from conftest import ROOT, run_python, run_zoo
from documents import README, file_name, python_blocks

from zoo.results.result import read_result

SAVED_MODELS = ROOT / "saved_models"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = [block for block in python_blocks(README) if file_name(block) is None]
FILES = {name: block for block in python_blocks(README) if (name := file_name(block))}


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_python_block_runs_as_it_stands(block, monkeypatch, tmp_path):
    shutil.copytree(SAVED_MODELS / "dense_digits", tmp_path / "saved_models/dense_digits")
    monkeypatch.chdir(tmp_path)
    assert run_python(f'{block}\nprint("true")') is True


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_recipe_file_trains_a_model_that_passes_the_checks(name, tmp_path):
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    done = run_zoo("train", path, "--smoke", "--variants", "fp32", "--out", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    check = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import zoo, {path.stem} as mine"
    names = re.findall(r"check_model\((\w+)\)", TEXT)
    assert names
    for builder in names:
        checked = f'{check}; zoo.testing.check_model(mine.{builder}); print("true")'
        assert run_python(checked) is True


def test_it_has_fewer_than_1500_words():
    assert len(TEXT.split()) < 1500


def test_its_table_is_that_of_the_results():
    table = re.search(r"<!-- headlines -->\n(.*?)\n<!-- /headlines -->", TEXT, flags=re.DOTALL)
    assert table
    _, _, *rows = table[1].splitlines()
    for row in rows:
        name, *cells = row.strip("| ").split(" | ")
        known = read_result(SAVED_MODELS / name)["headline"]
        baseline = f"{known['baseline']} {known['baseline_text']}"
        assert cells == [known["label"], known["text"], baseline, known["reference"]]


def test_it_names_the_versions_of_python_that_the_package_takes():
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11,<3.14"' in declared
    assert "Python 3.11, 3.12 or 3.13" in TEXT
    assert (3, 11) <= sys.version_info < (3, 14)
