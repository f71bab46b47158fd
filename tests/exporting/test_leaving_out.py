"""For data of one's own, a variant that does not hold is left out, and the others are written."""

import json
import logging
from typing import Any

import numpy as np
import pytest
from exporting.conversion import build

import zoo
from zoo import data
from zoo.exporting import comparison_with_keras, fresh_process, leaving_out, tflite, verifying
from zoo.exporting.comparison_with_keras import RANK_CORRELATION, RANKING

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning"),
]
INT8 = "model_int8.tflite"


@pytest.fixture
def heavy_tailed(rng):
    """A model that keeps two of four columns, and samples with a value far beyond the others."""
    model = zoo.get("dense", input_shape=(4,), latent_dim=2, hidden=(), output_activation="linear")
    keep = np.eye(4, 2, dtype="float32")
    model.set_weights([keep, np.zeros(2), keep.T, np.zeros(4)])
    x = rng.normal(size=(60, 4)).astype("float32")
    x[:, 2:] /= 10
    x[0, 0] = 200
    return model, x


@pytest.mark.usefixtures("in_this_process")
def test_an_export_leaves_out_what_misses_its_gate_and_says_so(heavy_tailed, tmp_path, caplog):
    model, x = heavy_tailed
    folder = tmp_path / "mine"
    with caplog.at_level(logging.WARNING):
        files = zoo.export(model, folder, calibration=x, variants=["fp32", "int8", "int16"])
    assert {"model.tflite", "model_int16.tflite"} <= files.keys()
    assert INT8 not in files
    assert not (folder / INT8).exists()
    assert f"{INT8} is left out ({INT8}: test_mse_over_keras at least 0.97" in caplog.text
    result = json.loads((folder / "result.json").read_text())
    assert list(result["left_out"]) == [INT8]
    assert result["left_out"][INT8][0].startswith(f"{INT8}: test_mse_over_keras")
    zoo.verify(folder)


def write(folder, model, x, variants, own_data=True, **options):
    dataset = data.from_arrays(x, x, x)
    recipe = {"name": "mine"}
    return tflite.write(folder, model, recipe, dataset, variants, own_data=own_data, **options)


@pytest.mark.usefixtures("in_this_process")
def test_a_tolerance_of_one_s_own_replaces_the_gate(heavy_tailed, tmp_path):
    model, x = heavy_tailed
    files, left_out = write(tmp_path, model, x, ["fp32", "int8"], tolerance=1000)
    assert files[INT8]["tolerance"] == 1000
    assert not 0.97 <= files[INT8]["test_mse_over_keras"] <= 1.03
    assert "tolerance" not in files["model.tflite"]
    assert not left_out
    # As `zoo.verify` judges it later, by what the result holds of the file.
    assert verifying.missed_gates(INT8, files[INT8]) == []
    wrong: Any
    for wrong in (-0.1, float("nan"), "much"):
        with pytest.raises(zoo.InputError, match="tolerance must"):
            zoo.export(model, tmp_path / "never", calibration=x, tolerance=wrong)


@pytest.mark.usefixtures("in_this_process")
def test_a_model_with_a_threshold_is_judged_by_its_ranking(heavy_tailed, tmp_path):
    model, x = heavy_tailed
    # Errors that differ by more than the steps of int8 values, and an outlier that costs MSE.
    x[:, 2:] *= np.linspace(1, 400, 60)[:, None]
    x[0, 0] = 2000
    variants = ["fp32", "int8"]
    assert INT8 in write(tmp_path, model, x, variants, tolerance=0.0003)[1]
    files, left_out = write(tmp_path, model, x, variants, tolerance=0.01, threshold_quantile=0.9)
    assert files[INT8]["judged_by"] == RANKING
    assert 0.99 <= files[INT8][RANK_CORRELATION] < 1
    assert not left_out


@pytest.mark.usefixtures("in_this_process")
def test_nothing_is_left_out_where_no_other_file_is_or_of_published_data(heavy_tailed, tmp_path):
    model, x = heavy_tailed
    for variants, own_data in ((["int8"], True), (["fp32", "int8"], False)):
        with pytest.raises(zoo.GateError, match=INT8):
            write(tmp_path, model, x, variants, own_data)


def test_a_variant_that_crashes_the_converter_leaves_the_others(tmp_path, monkeypatch, rng):
    tried = []

    def run(_, arguments, **__):
        variants = [name for name in ("fp32", "int8", "int16") if name in arguments]
        tried.append(variants)
        for variant in variants:
            if variant == "int8":
                return -11, ""
            (tmp_path / tflite.file_name(variant)).touch()
        return 0, ""

    monkeypatch.setattr(fresh_process, "run", run)
    x = rng.random((5, 6), dtype="float32")
    model, variants = build("dense", (6,)), ["fp32", "int8", "int16"]
    missed = tflite.convert(tmp_path, model, variants, x)
    assert missed == [f"{INT8} could not be converted (signal 11)"]
    assert tried == [variants, ["int16"]]


def test_only_inexact_files_beside_others_are_left_out(tmp_path):
    def leave_out(names, *missed):
        files = {tflite.file_name(name): name for name in names}
        return leaving_out.leave_out(tmp_path, "mine", files, list(missed), own_data=True), files

    sentence = f"{INT8}: a figure is missed"
    left_out, files = leave_out(["fp32", "int8"], sentence)
    assert left_out == {INT8: [sentence]}
    assert files == {"model.tflite": "fp32"}
    assert leave_out(["fp32", "int8"])[0] == {}
    for names, missed in [
        (["int8"], [sentence]),
        (["fp32", "int8"], [sentence, "model.tflite: a figure is missed"]),
        (["fp32", "fused"], ["model_fused.tflite: a figure is missed"]),
        (["fp32", "int8"], [sentence, "model.keras does not run"]),
    ]:
        with pytest.raises(zoo.GateError, match="missed"):
            leave_out(names, *missed)


def test_a_detector_must_rank_as_keras_does_whatever_its_errors():
    ratios = dict.fromkeys(comparison_with_keras.RATIOS.values(), 5.0)
    entry = {**ratios, "judged_by": RANKING, RANK_CORRELATION: 0.98, "auc_over_keras": 0.98}
    assert verifying.missed_gates(INT8, entry) == []
    for figure, bad in ((RANK_CORRELATION, 0.96), ("auc_over_keras", 0.9)):
        (missed,) = verifying.missed_gates(INT8, {**entry, figure: bad})
        assert missed.startswith(f"{INT8}: {figure} at least 0.97")
        assert verifying.missed_gates(INT8, {**entry, figure: bad, "tolerance": 0.2}) == []


def test_scores_in_the_same_order_correlate_whatever_their_size(rng):
    scores = rng.random(50)
    assert comparison_with_keras.rank_correlation(np.exp(9 * scores), scores) == pytest.approx(1)
    assert comparison_with_keras.rank_correlation(-scores, scores) == pytest.approx(-1)
    assert comparison_with_keras.rank_correlation(np.ones(50), scores) == 0
