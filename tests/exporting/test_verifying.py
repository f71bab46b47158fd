"""Verification passes what is right, and names what is wrong with an artefact."""

import keras
import numpy as np
import pytest
from exporting.conversion import build, convert

import zoo
from zoo.anomaly_scoring import score
from zoo.artefact_names import KERAS_FILE, SAVED_MODEL, TFLITE_FILE
from zoo.data.dataset import Dataset
from zoo.exporting import comparison_with_keras, keras_file, saved_model, verifying
from zoo.exporting.comparison_with_keras import Task
from zoo.exporting.metadata_writing import about, describe
from zoo.exporting.reloading import SINGLES

SHAPE = (8, 8, 1)


def make_task(model, x):
    y = keras.ops.convert_to_numpy(model(x))
    return Task(
        inputs=x,
        targets=x,
        reconstructions=y,
        scores=score(y, x),
        codes=keras.ops.convert_to_numpy(model.encoder(x)),
        decode=lambda codes: keras.ops.convert_to_numpy(model.decoder(codes)),
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder of artefacts of a dense model, the model, and 20 samples."""
    folder = tmp_path_factory.mktemp("exported")
    model = build("dense", SHAPE)
    keras_file.write(model, folder / KERAS_FILE)
    saved_model.write(model, folder / SAVED_MODEL)
    x = np.random.default_rng(0).random((20, *SHAPE), dtype="float32")
    data = Dataset("mine", "1", (0, 1), "any", train=x, validation=x, test=x)
    for name, only in ((TFLITE_FILE, None), ("model_encode.tflite", "encode")):
        (folder / name).write_bytes(convert(model, "fp32", only=only))
        describe(folder / name, {**about({}, {}, model, data), "variant": "fp32"})
    return folder, model, x


def test_verification_reports_each_artefact_and_passes(exported):
    folder, model, x = exported
    names = [KERAS_FILE, SAVED_MODEL, TFLITE_FILE, "model_encode.tflite"]
    report, missed = verifying.verify(folder, names, make_task(model, x))
    assert missed == []
    assert list(report) == names
    whole = {"reconstructions", "singles", "codes", "decoded", "scores"}
    offered = {
        **dict.fromkeys([KERAS_FILE, SAVED_MODEL, TFLITE_FILE], whole),
        "model_encode.tflite": {"codes", "decoded"},
    }
    expected = float(np.mean(np.square(make_task(model, x).reconstructions - x)))
    for name, entry in report.items():
        differences = {figure for figure in entry if figure.startswith("max_difference")}
        assert differences == {
            comparison_with_keras.DIFFERENCES[output] for output in offered[name]
        }
        assert all(entry[difference] <= 1e-5 for difference in differences)
        assert entry["bytes"] > 0
        assert len(entry["sha256"]) == 64
        assert entry["test_mse"] == pytest.approx(expected, rel=1e-4)
    assert "FULLY_CONNECTED" in report[TFLITE_FILE]["operators"]


def test_verification_misses_the_gate_when_an_artefact_is_off_or_does_not_run(exported, tmp_path):
    folder, model, x = exported
    names = [KERAS_FILE, SAVED_MODEL, TFLITE_FILE]
    for name in names[:2]:
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / TFLITE_FILE).write_bytes((folder / TFLITE_FILE).read_bytes()[:5000])
    # Another model's file, whose code has another size.
    other = zoo.get("dense", input_shape=SHAPE, latent_dim=4)
    data = Dataset("mine", "1", (0, 1), "any", train=x, validation=x, test=x)
    (tmp_path / "model_int8.tflite").write_bytes(convert(other, "fp32"))
    described = {**about({}, {}, other, data), "variant": "int8"}
    describe(tmp_path / "model_int8.tflite", described)
    names.append("model_int8.tflite")
    task = make_task(model, x)
    # Beyond the samples that are also run one by one.
    off = task.reconstructions.copy()
    off[9, 0, 0, 0] += 1e-4
    assert SINGLES <= 9
    object.__setattr__(task, "reconstructions", off)
    _, missed = verifying.verify(tmp_path, names, task)
    # Whole and decoded reconstructions both differ: two sentences for each.
    assert list(dict.fromkeys(sentence.partition(":")[0] for sentence in missed)) == [
        KERAS_FILE,
        SAVED_MODEL,
        f"{TFLITE_FILE} does not run",
        "model_int8.tflite gives codes of shape (4,) instead of (6,)",
    ]
    assert "max_difference at most 1e-05 is missed with 0.0001" in missed[0]


@pytest.mark.parametrize("figure", comparison_with_keras.DIFFERENCES.values())
def test_every_difference_is_a_gate_on_exact_artefacts_and_nan_misses_it(figure):
    entry = dict.fromkeys(comparison_with_keras.DIFFERENCES.values(), 0.0)
    for name in (KERAS_FILE, TFLITE_FILE, "model_fused.tflite", "model_decode.tflite"):
        assert verifying.missed_gates(name, entry) == []
        for bad in (2e-5, float("nan"), float("inf")):
            (missed,) = verifying.missed_gates(name, {**entry, figure: bad})
            assert missed.startswith(f"{name}: {figure} at most 1e-05 is missed with")


@pytest.mark.parametrize("figure", comparison_with_keras.RATIOS.values())
@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("model_fp16.tflite", 0.001), ("model_int8.tflite", 0.03), ("model_fused_int8.tflite", 0.03)],
)
def test_every_ratio_is_a_gate_on_other_artefacts(name, tolerance, figure):
    entry = {"max_difference": 0.5, **dict.fromkeys(comparison_with_keras.RATIOS.values(), 1.0)}
    assert verifying.missed_gates(name, entry) == []
    for good in (1 + 0.9 * tolerance, 1 - 0.9 * tolerance):
        assert verifying.missed_gates(name, {**entry, figure: good}) == []
    for bad in (1 + 1.1 * tolerance, 1 - 1.1 * tolerance, float("nan")):
        (missed,) = verifying.missed_gates(name, {**entry, figure: bad})
        assert missed.startswith(f"{name}: {figure} at least {1 - tolerance:g} and at most")


def test_differences_count_in_units_of_values_above_1():
    x = np.zeros((4, 3), "float32")
    for largest, unit in ((0.5, 1), (-60.0, 60)):
        y = np.full_like(x, largest)
        task = Task(x, x, y, score(y, x), codes=x, decode=lambda codes: codes)
        entry = comparison_with_keras.compare({"reconstructions": y + np.float32(0.01)}, task)
        assert entry["max_difference"] == pytest.approx(0.01 / unit, rel=1e-3)


def test_an_artefact_bears_the_figures_that_its_task_measures_and_must_keep_near_keras_s():
    x = np.zeros((4, 3), "float32")
    y = x + 0.5
    measures = {"auc": lambda reconstructions: float(reconstructions.mean())}
    task = Task(x, x, y, score(y, x), codes=x, decode=lambda codes: codes, measures=measures)
    entry = comparison_with_keras.compare({"reconstructions": y - np.float32(0.05)}, task)
    assert entry["auc"] == pytest.approx(0.45)
    assert entry["auc_over_keras"] == pytest.approx(0.9)
    missed = verifying.missed_gates("model_int8.tflite", entry)
    assert "model_int8.tflite: auc_over_keras at least 0.97 and at most 1.03" in missed[-1]
    # A sender's codes are decoded by Keras.
    assert comparison_with_keras.compare({"codes": y}, task)["auc"] == 0.5


def test_outputs_of_a_wrong_shape_or_none_are_told_whatever_the_variant():
    x = np.zeros((4, 3), "float32")
    task = Task(x, x, x, score(x, x), codes=x[:, :2], decode=lambda codes: codes)
    assert comparison_with_keras.misshapen({"reconstructions": x, "codes": x[:2, :2]}, task) == []
    wrong = comparison_with_keras.misshapen({"reconstructions": x[:, :2], "codes": x}, task)
    assert wrong == [
        "reconstructions of shape (2,) instead of (3,)",
        "codes of shape (3,) instead of (2,)",
    ]
    assert comparison_with_keras.misshapen({}, task) == ["neither reconstructions nor codes"]
    # A perfect model has no error to compare with.
    ratio = comparison_with_keras.RATIOS["reconstructions"]
    assert comparison_with_keras.compare({"reconstructions": x}, task)[ratio] == 1
    assert comparison_with_keras.compare({"reconstructions": x + 1}, task)[ratio] == np.inf


def test_operators_beyond_the_builtin_ones_are_named():
    entry = {"max_difference": 0.0, "operators": ["ADD", "flextensorlist"]}
    missed = verifying.missed_gates("model_int8.tflite", entry)
    assert missed == ["model_int8.tflite: operators beyond the builtin ones: flextensorlist"]
