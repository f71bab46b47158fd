"""Model cards: each is that of its result, says what its model is for, and runs as it stands."""

import re

import numpy as np
import pytest
from conftest import ROOT

import zoo
from zoo import weights
from zoo.artefact_names import CARD
from zoo.results import plots
from zoo.results.card import card
from zoo.results.result import check_digest, read_result, write_result

SAVED_MODELS = ROOT / "saved_models"


def published(name, /, **changes):
    """The result of a published recipe, the recipe changed."""
    result = read_result(SAVED_MODELS / name)
    return {**result, "recipe": {**result["recipe"], **changes}}


def test_each_card_is_that_of_its_result():
    for path in SAVED_MODELS.glob("*/result.json"):
        text = (path.parent / CARD).read_text(encoding="utf-8")
        assert text == card(read_result(path.parent), published=True), path.parent.name


@pytest.mark.parametrize(
    "name", ["dense_digits", "denoising_digits", "vae_digits", "conv_fashion_mnist_sneaker"]
)
def test_what_a_card_shows_of_its_use_runs_as_it_stands(name, monkeypatch):
    text = (SAVED_MODELS / name / CARD).read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(SAVED_MODELS / name)
    outcome = {}
    exec(block, outcome)
    result = read_result(SAVED_MODELS / name)
    assert outcome["codes"].shape == (1, result["latent_dim"])
    shape = (1, *result["data"]["sample_shape"])
    kind = "denoised" if name == "denoising_digits" else "reconstructions"
    assert outcome[kind].shape == shape
    assert ("drawn" in outcome) == (name == "vae_digits")
    assert ("anomalous" in outcome) == (name == "conv_fashion_mnist_sneaker")


def test_the_card_of_a_detector_names_what_is_normal_and_how_many_anomalies_there_are():
    text = card(published("conv_fashion_mnist_sneaker"))
    assert "detecting samples that differ from sneakers" in text
    assert "9,000 of them are anomalies" in text
    # 2 * 0.9 / 1.9
    assert "an accuracy and an average precision of 0.900 and an F1 score of 0.947" in text
    assert "goal" not in text
    assert "differ from class 3, by" in card(
        published("conv_fashion_mnist_bag", data="mine", normal_label=3)
    )


def test_the_card_of_a_denoising_model_says_what_noise_it_knows():
    arguments = {"corruption": "gaussian", "strength": 0.4, "clip": True}
    text = card(published("denoising_digits", arguments=arguments))
    noise = "Gaussian noise with a standard deviation of 0.4 is added"
    assert f"{noise}, and the result is clipped to [0, 1]. Training" in text
    text = card(published("denoising_digits", arguments={}))
    assert "Gaussian noise with a standard deviation of 0.3 is added. Training" in text
    arguments = {"corruption": "masking", "strength": 0.25}
    text = card(published("denoising_digits", arguments=arguments))
    assert "a share of 0.25 of the values is set to 0. Training" in text


def test_only_the_card_of_a_recipe_as_it_stands_in_the_book_says_how_to_get_it_by_name():
    result = published("dense_digits")
    text = card(result, published=True)
    assert 'zoo.get("dense", weights="digits")' in text
    assert "zoo reproduce dense_digits" in text
    assert "**Licence:** The weights are under the MIT licence" in text
    assert 'model = zoo.load("model.keras")\n' in text
    text = card(result)
    assert 'model = zoo.load("model.keras")\n' in text
    for words in ("zoo.get", "zoo reproduce", "Licence:"):
        assert words not in text


@pytest.mark.parametrize(
    ("folder", "changes", "expected"),
    [
        ("dense_digits", {}, True),
        ("dense_digits", {"epochs": 3}, False),
        ("dense_digits", {"data": "/home/me/dense.npy"}, False),
        ("dense_digits_copy", {}, False),
        ("dense_digits", {"name": "dense_digits_smoke"}, False),
    ],
)
def test_only_the_weights_of_the_zoo_in_their_place_are_published(folder, changes, expected):
    recipe = published("dense_digits", **changes)["recipe"]
    assert weights.is_published(weights.FOLDER / folder, recipe) == expected
    # A copy elsewhere was trained by whoever has it, for all that is known.
    assert not weights.is_published(weights.FOLDER.parent / "elsewhere" / folder, recipe)


def test_the_card_of_a_model_of_one_s_own_has_what_its_result_says():
    result = published("vae_digits", name="mine", model="my_model", data="my_data")
    result["data"]["name"] = "my_data"
    result |= {"code_shape": [4, 2]}
    text = card(result)
    assert "The model `my_model`, trained on `my_data`. Its code has 8 values.\n" in text
    assert "compressing samples like the training data to a code" in text
    # What makes it a model with a prior is its KL.
    assert "(samples.png)" in text
    assert "(traversals.png)" in text
    assert "drawn = zoo.sample(model, n=10, seed=0)" in text
    assert "standard_normal((10, 4, 2)" in text
    result = published("denoising_digits", name="mine", model="my_model", arguments={})
    text = card(result)
    assert "reconstructs clean samples from corrupted ones: inputs are corrupted. Training" in text
    assert "denoised = model.predict(x)" in text
    assert "Licence:" not in text


def exported():
    """The result of a model that was exported without a recipe."""
    result = published("dense_digits")
    for name in ("headline", "figures", "runs", "digest", "card_sha256"):
        del result[name]
    recipe = {"name": "mine", "model": "dense", "data": "calibration", "arguments": {}}
    return {**result, "recipe": recipe}


def test_the_card_of_an_exported_model_has_no_figures_but_those_of_its_files():
    text = card(exported())
    assert "## Figures" not in text
    assert "| `model.tflite` | TFLite, float32 |" in text
    assert "This model was exported without a recipe." in text
    assert 'zoo.edge.load("model.tflite")' in text
    assert "](" not in text


def test_what_is_read_of_a_result_must_be_there(tmp_path):
    write_result(tmp_path, exported())
    found = read_result(tmp_path)
    check_digest(tmp_path, found)
    del found["digest"]
    assert found == exported()
    whole = published("dense_digits")
    for key in ("headline", "figures", "runs", "recipe", "artefacts", "data", "latent_dim"):
        write_result(tmp_path, {name: value for name, value in whole.items() if name != key})
        with pytest.raises(zoo.InputError, match="is no result of this zoo"):
            read_result(tmp_path)


def test_a_traversal_changes_one_value_of_a_code_of_any_shape(rng):
    means = rng.normal(size=(50, 2, 3, 4)) * np.arange(24).reshape(2, 3, 4)
    codes = plots.traversals(means)
    assert codes.shape == (plots.UNITS * plots.SHOWN, 2, 3, 4)
    rows = codes.reshape(plots.UNITS, plots.SHOWN, 24)
    for row in rows:
        (changed,) = np.nonzero(row.any(axis=0))
        assert len(changed) == 1
        np.testing.assert_allclose(row[:, changed[0]], np.linspace(-2.5, 2.5, plots.SHOWN))


def test_shown_anomalies_lie_spread_over_data_that_may_be_sorted(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "_show", lambda axis, image: shown.append(image[0, 0, 0]))
    samples = np.broadcast_to(np.arange(100.0)[:, None, None, None], (100, 2, 2, 1))
    anomalous = np.arange(100) >= 50
    scores = np.arange(100) / 100
    path = tmp_path / "anomalies.png"
    plots.draw_detection(path, samples, samples, scores, anomalous, 0.5)
    assert shown == [0, 12, 24, 36, 49, 50, 62, 74, 86, 99]
    assert path.stat().st_size > 1000
