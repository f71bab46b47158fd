"""The figures that a recipe names: whether they apply is known before anything is trained."""

import logging
import re
from dataclasses import replace

import numpy as np
import pytest

import zoo
from zoo import data, evaluation, recipe_book
from zoo.data.dataset import Labels
from zoo.evaluation.figure_table import FIGURES
from zoo.evaluation.recipe_figures import check_gates, doubts, goal_of, worse_than
from zoo.quality_gate import Gate
from zoo.recipe import TEST_MSE, Recipe
from zoo.results.card import card
from zoo.results.headline_figure import headline
from zoo.results.result import read_result

RECIPE = Recipe(name="tiny", model="dense", data="mine.npy", epochs=3)


@pytest.fixture(scope="module")
def model():
    return zoo.get("dense", input_shape=(6,), latent_dim=2, hidden=())


@pytest.fixture(scope="module")
def table():
    """Samples of which few figures make sense: no images, beyond [0, 1], without labels."""
    x = np.random.default_rng(0).normal(size=(60, 6)).astype("float32")
    return data.from_arrays(x[:40], x[40:50], x[50:])


@pytest.fixture(scope="module")
def figures(model, table):
    """All values that are there for the model on the table."""
    beside = evaluation.baselines(model, table)
    return {**evaluation.evaluate(model, table, beside), **beside}


def names():
    """Every name of a value: figures, those of their baselines, and ratios."""
    for figure, entry in FIGURES.items():
        yield figure
        for baseline in entry.baselines:
            yield f"{figure}_{baseline}"
            if entry.has_ratios:
                yield f"{figure}_over_{baseline}"


@pytest.mark.parametrize("name", list(names()))
def test_a_gate_is_refused_before_training_if_its_figure_will_not_be_there(
    model, table, figures, name
):
    recipe = replace(RECIPE, gates=(Gate(name, at_most=1.0),))
    if name in figures:
        check_gates(recipe, model, table)
        return
    with pytest.raises(zoo.InputError, match=rf"The gate {name} at most 1 needs .*gates=\(\)"):
        check_gates(recipe, model, table)
    check_gates(replace(recipe, gates=()), model, table)


@pytest.mark.parametrize("name", FIGURES)
def test_a_goal_that_does_not_apply_gives_way_to_the_test_mse_with_a_word(
    model, table, figures, name, caplog
):
    recipe = replace(RECIPE, goal=Gate(name, at_most=1.0))
    with caplog.at_level(logging.WARNING, "zoo"):
        goal = goal_of(recipe, model, table)
    assert goal == (recipe.goal if name in figures else TEST_MSE)
    assert bool(caplog.records) == (name not in figures)
    assert all(f"The goal names {name}, which needs" in r.getMessage() for r in caplog.records)
    # What failed a trained run before.
    assert headline(goal, "", figures, [{"figures": figures}])["value"] == figures[goal.figure]


@pytest.mark.parametrize("name", ["test_mes", "TEST_MSE", "test_mse_raw", "kl_nats_over_mean"])
def test_a_figure_that_does_not_exist_is_refused_by_name(model, table, name):
    message = rf"There is no figure named '{name}': did you mean "
    with pytest.raises(zoo.InputError, match=message):
        check_gates(replace(RECIPE, gates=(Gate(name),)), model, table)
    with pytest.raises(zoo.InputError, match=message):
        goal_of(replace(RECIPE, goal=Gate(name)), model, table)


def test_a_recipe_with_a_wrong_gate_is_refused_by_zoo_train_before_it_trains(
    tmp_path, monkeypatch, table
):
    np.save(tmp_path / "mine.npy", np.concatenate([table.train, table.test]))
    monkeypatch.setattr("zoo.training.restarts.fit", None)
    recipe = replace(
        RECIPE, data=str(tmp_path / "mine.npy"), batch_size=8, gates=(Gate("test_bce"),)
    )
    with pytest.raises(zoo.InputError, match=r"needs values on \[0, 1\], unlike the model 'dense'"):
        zoo.train(recipe, out=tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_detection_needs_both_kinds_in_the_test_split(model, table):
    zeros = np.zeros(40, int)
    labels = Labels(zeros, zeros[:10], zeros[:10])
    normal = replace(table, normal_label=0, anomalies=table.test, labels=labels)
    detector = replace(normal, labels=replace(labels, test=np.arange(10)))
    assert FIGURES["auc"].applies(model, detector)
    assert not FIGURES["auc"].applies(model, normal)
    assert not FIGURES["auc"].applies(model, replace(detector, anomalies=table.test[:0]))


LOST = [
    ({"test_mse": 0.3, "test_mse_mean": 0.2}, "the training mean"),
    ({"test_mse": 0.2, "test_mse_mean": 0.2}, "the training mean"),
    ({"test_mse": 0.3, "test_mse_mean": 0.4, "test_mse_noisy": 0.1}, "the noisy input"),
    ({"test_mse": 0.3, "test_mse_mean": 0.2, "auc": 0.5}, "chance"),
]


@pytest.mark.parametrize(("values", "label"), LOST, ids=str)
def test_a_model_that_loses_to_no_model_is_doubted_and_its_card_does_not_recommend_it(
    values, label
):
    assert worse_than(values) == [label]
    (sentence,) = doubts(RECIPE, values)
    assert f"no better than {label}" in sentence
    assert "--epochs 30 (epochs=30)" in sentence
    result = read_result(zoo.weights.FOLDER / "dense_digits")
    assert "**Use it for**" in card(result)
    result["figures"] |= values
    assert "**Use it for**" not in card(result)
    assert re.search(rf"\*\*Do not use it\.\*\* .* no better than {label}\.", card(result))


def test_a_model_that_loses_to_pca_alone_is_doubted_but_may_be_recommended():
    values = {"test_mse": 0.3, "test_mse_mean": 0.4, "test_mse_pca": 0.2, "test_mse_over_pca": 1.5}
    (sentence,) = doubts(RECIPE, values)
    assert "PCA with a code of the same size reconstructs better" in sentence
    assert worse_than(values) == []
    assert doubts(RECIPE, {**values, "test_mse_over_pca": 0.9}) == []


def test_no_published_model_is_doubted():
    for name, recipe in recipe_book.read().items():
        if recipe.gates and (zoo.weights.FOLDER / name).is_dir():
            assert doubts(recipe, read_result(zoo.weights.FOLDER / name)["figures"]) == []
