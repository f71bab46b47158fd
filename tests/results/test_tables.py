"""Headlines and tables of results."""

import math

import pytest
from conftest import ROOT, run_python

import zoo
from zoo.cli.terminal import print_table
from zoo.quality_gate import Gate
from zoo.results.card import card
from zoo.results.headline_figure import headline
from zoo.results.result import read_result
from zoo.results.tables import csv_table, figures_table, markdown_table, rows

SAVED_MODELS = ROOT / "saved_models"


def test_the_headline_has_mean_and_deviation_of_all_seeds_that_did_not_diverge():
    goal = Gate("test_mse", at_most=0.025)
    runs = [{"figures": {"test_mse": value}} for value in (0.02, 0.03)] + [{"figures": None}]
    figures = {"test_mse": 0.02, "test_mse_pca": 0.5}
    found = headline(goal, "0.04 others", figures, runs)
    assert (found["text"], found["baseline_text"], found["seeds"]) == ("0.0200", "0.5000", 2)
    assert found["reference"] == "0.04 others"
    assert found["mean"] == pytest.approx(0.025)
    assert found["standard_deviation"] == pytest.approx(0.01 / math.sqrt(2))
    assert found["spread"] == "0.025000 ± 0.007071"
    assert found["reached"]
    missed = Gate("test_mse", at_most=0.0249)
    assert not headline(missed, "", figures, runs)["reached"]
    assert headline(goal, "", figures, runs[:1])["spread"] is None
    assert headline(Gate("test_mse"), "", figures, runs)["reached"] is None


def detector(name, normal_label, aucs):
    """What the table reads of the result of a detector, with a run of each AUC."""
    runs = [{"figures": {"auc": auc}} for auc in aucs]
    figures = {"auc": aucs[0], "auc_pca": 0.5}
    entry = {"bytes": normal_label, "max_difference": 1e-7 * normal_label, "auc": aucs[-1]}
    recipe = {"name": name, "model": "conv", "data": "clothes", "normal_label": normal_label}
    return {
        "recipe": {**recipe, "goal": {"figure": "auc"}, "reference": "0.6 others"},
        "latent_dim": 3,
        "runs": runs,
        "figures": figures,
        "headline": headline(Gate("auc"), "0.6 others", figures, runs),
        "artefacts": {"model.tflite": entry, "model_int8.tflite": entry},
    }


def test_detectors_that_differ_in_what_is_normal_share_a_row_of_means():
    family = [
        detector("conv_clothes_one", 1, [0.8, 0.7]),
        detector("conv_clothes_two", 2, [0.9, 0.6]),
    ]
    _, row = rows(family)
    assert row[:4] == ("conv_clothes_*", "3", "mean ROC AUC", "0.8500")
    # 0.85 and 0.65
    assert row[4:8] == ("0.7500 ± 0.1414", "-", "PCA 0.5000", "0.6 others")
    assert row[8:] == ("2", "2e-07", "2", "0.6500")
    for result in family:
        result["recipe"]["goal"]["at_least"] = 0.75
    assert rows(family)[1][5] == "≥ 0.7500, reached"
    for result in family:
        result["recipe"]["goal"]["at_least"] = 0.76
    assert rows(family)[1][5] == "≥ 0.7600, missed"
    for result in family:
        del result["recipe"]["goal"]["at_least"]
    # What only some of them have is not shown.
    del family[1]["artefacts"]["model_int8.tflite"]
    assert rows(family)[1][8:] == ("2", "2e-07", "-", "-")
    family[1]["recipe"]["reference"] = "another"
    assert [row[0] for row in rows(family)[1:]] == ["conv_clothes_one", "conv_clothes_two"]
    family[0]["recipe"]["goal"]["at_least"] = 0.9
    family[0]["headline"]["reached"] = True
    assert rows(family)[1][5] == "≥ 0.9000, reached"
    family[0]["headline"]["reached"] = False
    assert rows(family)[1][5] == "≥ 0.9000, missed"
    family = [detector(name, 1, [0.8, 0.7]) for name in ("conv_clothes_one", "conv_clothes_two")]
    family[1]["runs"][1]["figures"] = None
    assert len(rows(family)) == 3


def test_a_goal_needs_a_figure_that_the_model_has():
    runs = [{"figures": {"test_mse": 0.02}}]
    for name in ("auc", "test_mse_over_pca"):
        with pytest.raises(zoo.InputError, match=f"figure '{name}': choose one of test_mse"):
            headline(Gate(name), "", {"test_mse": 0.02}, runs)
    # Not every figure has a baseline.
    found = headline(Gate("test_mse"), "", {"test_mse": 0.02}, runs)
    assert (found["baseline"], found["baseline_value"], found["baseline_text"]) == ("", None, "")


def test_the_table_has_no_row_for_a_model_that_was_exported_without_a_recipe():
    trained = detector("conv_clothes_one", 1, [0.8, 0.7])
    exported = {key: trained[key] for key in ("recipe", "latent_dim", "artefacts")}
    assert rows([exported, trained]) == rows([trained])
    assert len(rows([exported])) == 1


def test_the_int8_columns_show_the_fused_file_where_there_is_no_other():
    result = detector("lstm_beats", 1, [0.8, 0.7])
    fused = {"bytes": 5, "max_difference": 0.1, "auc": 0.6}
    result["artefacts"]["model_fused_int8.tflite"] = fused
    assert rows([result])[1][10:] == ("1", "0.7000")
    del result["artefacts"]["model_int8.tflite"]
    assert rows([result])[1][10:] == ("5", "0.6000")
    assert "| 5 | 0.6000 |" in markdown_table([result])


def test_figures_stand_beside_their_baselines_in_a_table_of_text():
    figures = {
        "test_mse": 0.01,
        "test_mse_over_pca": 0.5,
        "linear_probe": 0.9417,
        "active_units": 8,
        "test_mse_pca": 0.02,
        "test_mse_filter": 0.04,
        "linear_probe_raw": 0.9667,
    }
    assert figures_table(figures) == [
        ("figure", "model", "pca", "raw", "filter"),
        ("test_mse", "0.0100", "0.0200", "", "0.0400"),
        ("test_mse_over_pca", "0.5000", "", "", ""),
        ("linear_probe", "94.17%", "", "96.67%", ""),
        ("active_units", "8", "", "", ""),
    ]


@pytest.mark.parametrize("path", sorted(SAVED_MODELS.glob("*/result.json")), ids=str)
def test_the_figures_of_each_published_result_fit_a_terminal_of_80_columns(
    path, monkeypatch, capsys
):
    monkeypatch.setenv("COLUMNS", "80")
    columns, *body = figures_table(read_result(path.parent)["figures"])
    print_table("Test split", columns, body)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(any(value in line for line in lines) for row in body for value in row)


def test_results_are_read_and_shown_without_a_framework():
    code = """
import json, sys
from pathlib import Path
from zoo.results import tables
from zoo.results.result import read_results
tables.markdown_table(read_results(Path(sys.argv[1])))
print(json.dumps([name for name in ("tensorflow", "keras", "sklearn") if name in sys.modules]))
"""
    assert run_python(code, str(SAVED_MODELS)) == []


@pytest.mark.parametrize("name", ["dense_digits", "conv_fashion_mnist_bag", "sparse_mnist"])
def test_what_a_result_need_not_hold_is_left_empty(name):
    result = read_result(SAVED_MODELS / name)
    kept = ("test_mse", result["headline"]["figure"])
    result["figures"] = {key: result["figures"][key] for key in kept}
    for entry in result["artefacts"].values():
        if entry is not result["artefacts"]["model.keras"]:
            entry.pop(result["headline"]["figure"] if kept[1] != "test_mse" else "operators", None)
    assert csv_table([result]).count("\n") == 1 + len(result["artefacts"])
    assert name in markdown_table([result])
    assert "## Files" in card(result)
