"""The README promises only what runs, and its table is the one of the results."""

import json
import re

import pytest
from conftest import ROOT, docstring_of, run_python

from recipes import book, recording

README = (ROOT / "README.md").read_text(encoding="utf-8")
SAVED_MODELS = ROOT / "saved_models"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_python_block_runs_as_it_stands(block, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert run_python(f'{block}\nprint("true")') is True


def test_the_table_is_that_of_the_results():
    table = re.search(r"<!-- results -->\n(.*?)\n<!-- /results -->", README, flags=re.DOTALL)
    assert table
    assert table[1] == recording.markdown_table(recording.read_results(SAVED_MODELS))


def test_the_csv_is_that_of_the_results():
    table = (SAVED_MODELS / "results.csv").read_text(encoding="utf-8")
    assert table == recording.csv_table(recording.read_results(SAVED_MODELS))


# A recipe without gates claims nothing: there is no result that could bear it out.
PUBLISHED = [name for name in book.NAMES if book.get(name).gates]


def test_results_are_published_of_every_recipe_that_claims_something():
    names = [result["recipe"]["name"] for result in recording.read_results(SAVED_MODELS)]
    assert names == sorted(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_result_is_of_the_recipe_as_it_stands_and_its_docstring_says_the_figure(name):
    result = recording.read_result(SAVED_MODELS / name)
    recipe = book.get(name)
    assert result["recipe"] == json.loads(json.dumps(recipe.to_json()))
    what = name.rpartition("mnist_")[2] if name in book.CLASSES else result["headline"]["label"]
    assert f"{what} {result['headline']['text']}" in docstring_of(name)


def test_pictures_and_files_that_are_named_exist():
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).exists(), path
