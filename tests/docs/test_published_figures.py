"""Figures in the documents are those of the published results."""

import json
import re

import pytest
from conftest import ROOT, docstring_of, module_of

from zoo import recipe_book
from zoo.results import tables
from zoo.results.detector_table import detector_table
from zoo.results.result import read_result, read_results

SAVED_MODELS = ROOT / "saved_models"
# A recipe without gates claims nothing: there is no result that could bear it out.
PUBLISHED = [name for name, recipe in recipe_book.read().items() if recipe.gates]


def test_the_table_is_that_of_the_results():
    page = (ROOT / "docs/results.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- results -->\n(.*?)\n<!-- /results -->", page, flags=re.DOTALL)
    assert table
    assert table[1] == tables.markdown_table(read_results(SAVED_MODELS))


def test_the_table_of_detectors_is_that_of_the_results():
    page = (ROOT / "docs/results.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- detectors -->\n(.*?)\n<!-- /detectors -->", page, flags=re.DOTALL)
    assert table
    assert table[1] == detector_table(read_results(SAVED_MODELS))


def test_what_the_page_says_of_sparse_codes_is_measured():
    page = (ROOT / "docs/results.md").read_text(encoding="utf-8")
    figures = read_result(SAVED_MODELS / "sparse_mnist")["figures"]
    for name in ("linear_probe", "linear_probe_untrained"):
        assert f"{figures[name]:.2%}".replace("%", " %") in page
    assert f"{figures['nonzeros']:,.0f} non-zeros" in page


def test_the_csv_is_that_of_the_results():
    table = (SAVED_MODELS / "results.csv").read_text(encoding="utf-8")
    assert table == tables.csv_table(read_results(SAVED_MODELS))


def test_results_are_published_of_every_recipe_that_claims_something():
    names = [result["recipe"]["name"] for result in read_results(SAVED_MODELS)]
    assert names == sorted(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_result_is_of_the_recipe_as_it_stands_and_its_docstring_says_the_figure(name):
    result = read_result(SAVED_MODELS / name)
    recipe = recipe_book.get(name)
    assert result["recipe"] == json.loads(json.dumps(recipe.to_json()))
    # A file of several recipes names each by what sets it apart.
    single = module_of(name) == name
    what = result["headline"]["label"] if single else name.rpartition("mnist_")[2]
    assert f"{what} {result['headline']['text']}" in docstring_of(name)
