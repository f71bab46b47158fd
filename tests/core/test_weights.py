"""Trained weights by name: what is listed, loaded and refused."""

import json
import shutil

import numpy as np
import pytest
from conftest import run_python

import zoo
from zoo import data, recipe_book, registry, weights


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The folder of dense_digits, copied to where weights are looked for."""
    folder = tmp_path / "dense_digits"
    folder.mkdir()
    for name in (weights.KERAS_FILE, weights.RESULT):
        shutil.copy(weights.FOLDER / "dense_digits" / name, folder)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    return folder


def test_every_published_recipe_has_weights_of_its_name():
    listed = zoo.list_models(weights=True)
    found = {f"{model}_{name}" for model, names in listed.items() for name in names}
    assert found == {name for name, recipe in recipe_book.read().items() if recipe.gates}
    assert listed["dense"]["digits"].startswith("test MSE 0.0")
    assert "(PCA 0.0238)" in listed["dense"]["digits"]


def test_weights_reach_the_recorded_figure():
    model = zoo.get("Dense", weights="Digits")
    x = data.load("digits").test
    error = float(np.mean((model.predict(x, verbose=0) - x) ** 2))
    result = json.loads((weights.FOLDER / "dense_digits" / weights.RESULT).read_text())
    assert error == pytest.approx(result["figures"]["test_mse"], rel=1e-5)


def test_listing_loads_no_framework():
    code = """
import json, sys
import zoo
assert zoo.list_models(weights=True)
print(json.dumps([name for name in ("tensorflow", "keras", "numpy") if name in sys.modules]))
"""
    assert run_python(code) == []


def test_arguments_that_fit_are_taken(copied):
    x = np.random.default_rng(0).random((3, 8, 8, 1), "float32")
    plain = zoo.get("dense", weights="digits")
    same = zoo.get("dense", weights="digits", latent_dim=8)
    np.testing.assert_array_equal(plain.predict(x, verbose=0), same.predict(x, verbose=0))
    linear = zoo.get("dense", weights="digits", output_activation="linear")
    logits = linear.predict(x, verbose=0)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), plain.predict(x, verbose=0), atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"latent_dim": 16}, "do not fit latent_dim=16, they were trained with 8: leave it out"),
        ({"input_shape": (28, 28, 1)}, r"input_shape=\(28, 28, 1\), .* with \(8, 8, 1\)"),
        ({"hidden": (9,), "latent_dim": 8}, r"fit hidden=\(9,\), they were trained with \(128, 64"),
        ({"input_shape": [8, 8, 1], "latent_dim": 9}, "do not fit latent_dim=9, they"),
        ({"latent": 8}, "has no argument 'latent'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(copied, arguments, message):
    with pytest.raises(zoo.InputError, match=message):
        zoo.get("dense", weights="digits", **arguments)


def test_arguments_that_are_as_trained_are_not_named_among_those_that_do_not_fit(copied):
    with pytest.raises(zoo.InputError, match="do not fit latent_dim=9, they"):
        zoo.get("dense", weights="digits", input_shape=(8, 8, 1), latent_dim=9)


def test_only_published_recipes_have_weights(copied):
    """Copies, smoke runs and models whose names begin alike are none of them."""
    for name in ("dense_digits_smoke", "dense_digits_on_samples", "dense_digits_2"):
        shutil.copytree(copied, copied.with_name(name))
    assert list(zoo.list_models(weights=True)) == ["dense"]
    assert list(zoo.list_models(weights=True)["dense"]) == ["digits"]
    assert zoo.get("dense", weights="DIGITS").latent_dim == 8
    with pytest.raises(zoo.InputError, match="did you mean 'digits'"):
        zoo.get("dense", weights="digits_smoke")


def test_a_model_whose_name_begins_with_another_s_has_no_weights_of_it(monkeypatch):
    def conv_fashion(*, input_shape=(28, 28, 1)):
        return zoo.get("conv", input_shape=input_shape)

    monkeypatch.setitem(registry._registered, "conv_fashion", conv_fashion)
    assert "conv_fashion" not in zoo.list_models(weights=True)
    with pytest.raises(zoo.InputError, match="no trained weights of 'conv_fashion'"):
        zoo.get("conv_fashion", weights="mnist")


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"recipe": {"epochs": NaN}}'])
def test_a_damaged_result_leaves_the_others_alone(copied, content, caplog):
    (copied / weights.RESULT).write_text(content)
    assert zoo.list_models(weights=True) == {}
    assert "left out" in caplog.text
    with pytest.raises(zoo.InputError, match="train the recipe again"):
        zoo.get("dense", weights="digits")


def test_a_result_of_another_recipe_under_a_published_name_is_refused(copied):
    path = copied / weights.RESULT
    result = json.loads(path.read_text())
    result["recipe"]["epochs"] += 1
    path.write_text(json.dumps(result))
    with pytest.raises(zoo.InputError, match="trained with other settings than the recipe"):
        zoo.get("dense", weights="digits")


def test_unknown_weights_list_those_that_exist(copied):
    with pytest.raises(
        zoo.InputError, match="weights of 'dense' named 'digts': did you mean 'digits'"
    ):
        zoo.get("dense", weights="digts")
    with pytest.raises(zoo.InputError, match="no trained weights of 'vae'"):
        zoo.get("vae", weights="digits")


def test_a_changed_file_is_refused(copied):
    path = copied / weights.KERAS_FILE
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(zoo.InputError, match=r"not the file that was published \(sha256 differs\)"):
        zoo.get("dense", weights="digits")
