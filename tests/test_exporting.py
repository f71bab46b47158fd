"""Exports of every model, and verification that catches what is wrong with one."""

import keras
import numpy as np
import pytest

import zoo
from recipes import exporting, verifying
from recipes.portable_lstm import with_portable_lstms
from recipes.recipe import ARTEFACTS
from recipes.reloading import SINGLES, load_saved_model, load_tflite

# The LSTM keeps its loop.
LOOP = {"lstm": {"WHILE"}}


def build(name, shape=(7, 5, 3), **arguments):
    keras.utils.set_random_seed(0)
    return zoo.get(name, input_shape=shape, latent_dim=6, **arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *((name, {}) for name in zoo.list_models()),
        ("sparse", {"sparsity": "kl"}),
        ("sparse", {"sparsity": "k_sparse", "k": 3}),
        ("vae", {"body": "conv", "kl_warmup_steps": 3}),
    ],
    ids=str,
)
def test_every_model_exports_exactly_with_builtin_operators_only(name, arguments, tmp_path, rng):
    model = build(name, **arguments)
    exporting.export(model, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(ARTEFACTS)
    operators = verifying.operators(tmp_path / "model.tflite")
    assert operators
    assert all(operator.isupper() for operator in operators)
    assert set(operators) >= LOOP.get(name, set())
    for load, artefact in ((load_saved_model, "saved_model"), (load_tflite, "model.tflite")):
        functions = load(str(tmp_path / artefact))
        for batch in (1, 5):
            x = rng.random((batch, 7, 5, 3), dtype="float32")
            code, y = (keras.ops.convert_to_numpy(part(x)) for part in (model.encoder, model))
            expected = {
                "reconstruct": (x, y),
                "encode": (x, code),
                "decode": (code, y),
                "score": (x, np.mean((y - x) ** 2, axis=(1, 2, 3))),
            }
            assert set(functions) == set(expected)
            for name, (inputs, outputs) in expected.items():
                np.testing.assert_allclose(functions[name](inputs), outputs, atol=1e-5)


def test_the_portable_lstm_does_not_grow_with_the_sequence(tmp_path):
    sizes = []
    for steps in (10, 140):
        folder = tmp_path / str(steps)
        folder.mkdir()
        exporting.export(build("lstm", (steps, 1), units=8), folder)
        sizes.append((folder / "model.tflite").stat().st_size)
    assert sizes[1] < 1.02 * sizes[0]


def test_the_portable_lstm_equals_keras_on_a_long_sequence(rng):
    model = build("lstm", (140, 2), units=8)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    x = rng.normal(size=(4, 140, 2)).astype("float32")
    portable = with_portable_lstms(model)
    np.testing.assert_allclose(portable(x), model(x), atol=1e-5)
    dense = build("dense")
    assert with_portable_lstms(dense) is dense


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    model = build("dense", (8, 8, 1))
    exporting.export(model, folder)
    x = np.random.default_rng(0).random((20, 8, 8, 1), dtype="float32")
    return folder, x, keras.ops.convert_to_numpy(model(x))


def test_verification_reports_each_artefact_and_passes(exported):
    folder, x, reference = exported
    report, missed = verifying.verify(folder, x, x, reference)
    assert missed == []
    assert list(report) == list(ARTEFACTS)
    for name, entry in report.items():
        differences = set(verifying.DIFFERENCES.values())
        if name == "model.keras":  # a model gives reconstructions and codes, not scores
            differences.remove("max_difference_score")
        assert all(entry[difference] <= 1e-5 for difference in differences)
        assert entry["bytes"] == verifying.size(folder / name) > 0
        assert len(entry["sha256"]) == 64
        assert entry["test_mse"] == pytest.approx(float(np.mean((reference - x) ** 2)), rel=1e-4)
    assert "FULLY_CONNECTED" in report["model.tflite"]["operators"]


def test_verification_misses_the_gate_when_an_artefact_is_off_or_does_not_run(exported, tmp_path):
    folder, x, reference = exported
    for name in ARTEFACTS:
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "model.tflite").unlink()
    (tmp_path / "model.tflite").write_bytes((folder / "model.tflite").read_bytes()[:5000])
    off = reference.copy()
    # Beyond the samples that are also run one by one.
    off[9, 0, 0, 0] += 1e-4
    assert SINGLES <= 9
    _, missed = verifying.verify(tmp_path, x, x, off)
    # Whole and decoded reconstructions both differ: two sentences for each.
    assert list(dict.fromkeys(sentence.partition(":")[0] for sentence in missed)) == [
        "model.keras",
        "saved_model",
        "model.tflite does not run",
    ]
    assert "max_difference at most 1e-05 is missed with 0.0001" in missed[0]


@pytest.mark.parametrize("figure", verifying.DIFFERENCES.values())
def test_every_difference_is_a_gate_and_nan_misses_it(figure):
    entry = dict.fromkeys(verifying.DIFFERENCES.values(), 0.0)
    assert verifying._missed("x", entry) == []
    for bad in (2e-5, float("nan"), float("inf")):
        (missed,) = verifying._missed("x", {**entry, figure: bad})
        assert missed.startswith(f"x: {figure} at most 1e-05 is missed with")


def test_operators_beyond_the_builtin_ones_are_named():
    entry = {"max_difference": 0.0, "max_difference_batch_1": 0.0}
    missed = verifying._missed("model.tflite", {**entry, "operators": ["ADD", "flextensorlist"]})
    assert missed == ["model.tflite: operators beyond the builtin ones: flextensorlist"]
