"""The options of `zoo train` that change a recipe: one for each field, none forgotten."""

from dataclasses import fields

import pytest

import zoo
from zoo import recipe_book
from zoo.cli import recipe_options
from zoo.recipe import OF_ITS_DATA

NONE = dict.fromkeys(field.name for field in fields(zoo.Recipe))


def change(recipe, **given):
    return recipe_options.change(recipe, {**NONE, **given})


def test_the_help_has_an_option_for_each_field(run_here, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert run_here("train", "--help") == 0
    shown = capsys.readouterr().out
    for field in fields(zoo.Recipe):
        option = "set" if field.name == "arguments" else field.name.replace("_", "-")
        assert f"--{option}" in shown, field.name


def test_an_option_changes_its_field_and_leaves_the_others():
    recipe = recipe_book.get("sparse_mnist")
    changed = change(recipe, epochs=7, flip=True, arguments=["k=3", "hidden=8,4"])
    assert (changed.epochs, changed.flip) == (7, True)
    assert changed.arguments == {**recipe.arguments, "k": 3, "hidden": (8, 4)}
    assert changed.shift == recipe.shift
    gates = change(recipe, gates='[{"figure": "test_mse", "at_most": 0.1}]').gates
    assert gates == (zoo.Gate("test_mse", at_most=0.1),)
    assert change(recipe, goal='{"figure": "auc"}').goal == zoo.Gate("auc")
    assert change(recipe, name="mine").name == "mine"


def test_on_other_data_what_belongs_to_the_recipe_s_own_goes_but_for_what_is_given():
    recipe = recipe_book.get("vae_mnist")
    changed = change(recipe, data="fashion_mnist", binarize=True)
    assert changed.name == "vae_mnist_on_fashion_mnist"
    assert changed.binarize
    assert changed.importance_samples == 1
    assert change(recipe_book.get("sparse_mnist"), data="x.npy").shift == 0
    assert change(recipe_book.get("sparse_mnist"), data="x.npy", shift=2).shift == 2


@pytest.mark.parametrize("name", OF_ITS_DATA)
def test_what_belongs_to_the_data_are_fields(name):
    assert name in NONE
