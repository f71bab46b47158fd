"""The contract that lets one recipe serve every model, checked over every registered name."""

import keras
import numpy as np
import pytest
from conftest import run_python

import zoo
from zoo import anomaly_scoring
from zoo.registry import builder_of
from zoo.testing import check_model

MODELS = zoo.list_models()
# Odd sides and several channels; a short sequence with several features.
CASES = [*((name, (7, 5, 3)) for name in MODELS), ("lstm", (9, 2))]
# Variants that take another path through a builder.
VARIANTS = [
    ("sparse", {"sparsity": "kl"}),
    ("sparse", {"sparsity": "k_sparse", "k": 3}),
    ("sparse", {"body": "conv", "latent_dim": 8, "sparsity": "k_sparse", "k": 2}),
    ("sparse", {"body": "conv", "latent_dim": 8}),
    ("denoising", {"body": "conv"}),
    ("denoising", {"corruption": "masking"}),
    ("denoising", {"corruption": "salt_and_pepper"}),
    ("vae", {"body": "conv"}),
    ("vae", {"body": "conv", "kernel_size": 5, "batch_normalization": True}),
    ("vae", {"likelihood": "bernoulli", "kl_warmup_steps": 3}),
    ("dense", {"hidden": (), "latent_activation": "tanh"}),
    ("dense", {"batch_normalization": True}),
    ("conv", {"score_window": 3}),
    ("lstm", {"frame_length": 4}),
]
PARAMETERS = {
    "conv": 141_073,
    "dense": 222_384,
    "denoising": 222_384,
    "lstm": 52_540,
    "sparse": 101_200,
    "vae": 652_824,
}


def build(name, shape, **arguments):
    keras.utils.set_random_seed(0)
    return zoo.get(name, input_shape=shape, **{"latent_dim": 6, **arguments})


def samples(model, count, seed=0):
    shape = (count, *model.input_shape[1:])
    return np.random.default_rng(seed).random(shape, dtype="float32")


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_every_model_keeps_the_contract(name, shape):
    check_model(builder_of(name), shape, latent_dim=6)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), VARIANTS, ids=str)
def test_every_path_through_a_builder_keeps_the_contract(name, arguments):
    check_model(builder_of(name), **{"latent_dim": 6, **arguments})


def test_parameter_counts_are_pinned():
    assert {name: zoo.get(name).count_params() for name in MODELS} == PARAMETERS


@pytest.mark.parametrize("latent_dim", [0, -1, 2.5, "3", True, (3, 4)])
@pytest.mark.parametrize("name", MODELS)
def test_a_code_size_that_makes_no_sense_is_refused(name, latent_dim):
    with pytest.raises(zoo.InputError, match="latent_dim"):
        zoo.get(name, latent_dim=latent_dim)


@pytest.mark.parametrize("input_shape", [(), (0, 3), 28, (None, 28, 1), (28.0, 28)])
@pytest.mark.parametrize("name", MODELS)
def test_an_input_shape_that_makes_no_sense_is_refused(name, input_shape):
    with pytest.raises(zoo.InputError, match=f"'{name}' needs an input_shape"):
        zoo.get(name, input_shape=input_shape)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("dense", {"hidden": 0}),
        ("dense", {"hidden": b"ab"}),
        ("dense", {"batch_normalization": "yes"}),
        ("sparse", {"hidden": (64, 0)}),
        ("conv", {"filters": 3.5}),
        ("conv", {"kernel_size": (3, 3)}),
        ("conv", {"score_window": 0}),
        ("conv", {"score_window": 29}),
        ("lstm", {"units": (64, 64)}),
        ("vae", {"kl_weight": float("inf")}),
        ("vae", {"batch_normalization": 1}),
        ("vae", {"kl_warmup_steps": 2.5}),
        ("denoising", {"strength": float("nan")}),
    ],
    ids=str,
)
def test_a_value_that_makes_no_sense_is_refused_by_its_name(name, arguments):
    (argument,) = arguments
    with pytest.raises(zoo.InputError, match=f"^{argument} must "):
        zoo.get(name, **arguments)


def test_every_model_survives_saving_and_loading_in_a_fresh_process(tmp_path):
    expected = {}
    for index, (name, arguments) in enumerate([*((name, {}) for name in MODELS), *VARIANTS]):
        model = build(name, (8, 5, 3), **arguments)
        x = samples(model, 3)
        model.save(tmp_path / f"{index}.keras")
        expected[f"x{index}"], expected[f"y{index}"] = x, to_numpy(model(x))
        expected[f"score{index}"] = model.score(x)
    np.savez(tmp_path / "expected.npz", **expected)
    code = """
import json, sys
from pathlib import Path
import numpy as np
import zoo
folder = Path(sys.argv[1])
expected = np.load(folder / "expected.npz")
worst = []
for path in sorted(folder.glob("*.keras"), key=lambda path: int(path.stem)):
    model = zoo.load(path)
    x, y = expected[f"x{path.stem}"], expected[f"y{path.stem}"]
    worst.append(float(np.abs(model(x) - y).max()))
    worst.append(float(np.abs(model.decoder(model.encoder(x)) - y).max()))
    worst.append(float(np.abs(model.score(x) - expected[f"score{path.stem}"]).max()))
print(json.dumps(worst))
"""
    differences = run_python(code, str(tmp_path))
    assert len(differences) == 3 * (len(MODELS) + len(VARIANTS))
    assert max(differences) <= 1e-6


def test_scores_are_mean_squared_errors_or_those_of_means_over_windows():
    model = build("conv", (8, 5, 3))
    x = samples(model, 2)
    y = to_numpy(model(x))
    np.testing.assert_allclose(model.score(x), np.mean((y - x) ** 2, axis=(1, 2, 3)), rtol=1e-5)

    errors = np.zeros((2, 3, 3, 1))
    errors[0, 0, 0] = errors[1, 1, 1] = 4
    # One window of four sees the corner, all four see the centre.
    np.testing.assert_allclose(anomaly_scoring.score(errors, 0 * errors, window=2), [1 / 4, 1])
    checkered = np.indices((1, 4, 4, 1)).sum(axis=0) % 2 - 0.5
    assert anomaly_scoring.score(checkered, 0 * checkered, window=2) == 0


def test_loading_refuses_what_is_no_model_of_the_zoo(tmp_path):
    with pytest.raises(zoo.InputError, match="no file"):
        zoo.load(tmp_path / "absent.keras")
    (tmp_path / "damaged.keras").write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(zoo.InputError, match="damaged"):
        zoo.load(tmp_path / "damaged.keras")
    plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    plain.save(tmp_path / "plain.keras")
    with pytest.raises(zoo.InputError, match="not an Autoencoder"):
        zoo.load(tmp_path / "plain.keras")


def test_loading_runs_no_code_from_a_file(tmp_path):
    inputs = keras.Input((2,))
    outputs = keras.layers.Lambda(lambda x: x + 1)(inputs)
    keras.Model(inputs, outputs).save(tmp_path / "lambda.keras")
    with pytest.raises(zoo.InputError, match="Lambda layer, Python code that is not run"):
        zoo.load(tmp_path / "lambda.keras")
