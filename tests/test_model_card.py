"""Model cards: each is that of its result, says what its model is for, and runs as it stands."""

import json
import re

import numpy as np
import pytest
from conftest import ROOT

from recipes import drawing, recording
from recipes.model_card import CARD_FILE, model_card

SAVED_MODELS = ROOT / "saved_models"


def published(name, /, **changes):
    """The result of a published recipe, the recipe changed."""
    result = recording.read_result(SAVED_MODELS / name)
    return {**result, "recipe": {**result["recipe"], **changes}}


def test_each_card_is_that_of_its_result():
    for path in SAVED_MODELS.glob("*/result.json"):
        card = (path.parent / CARD_FILE).read_text(encoding="utf-8")
        assert card == model_card(recording.read_result(path.parent)), path.parent.name


@pytest.mark.parametrize(
    "name", ["dense_digits", "denoising_digits", "vae_digits", "conv_fashion_mnist_sneaker"]
)
def test_what_a_card_shows_of_its_use_runs_as_it_stands(name, monkeypatch):
    card = (SAVED_MODELS / name / CARD_FILE).read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", card, flags=re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(SAVED_MODELS / name)
    outcome = {}
    exec(block, outcome)
    result = recording.read_result(SAVED_MODELS / name)
    assert outcome["codes"].shape == (1, result["latent_dim"])
    shape = (1, *result["data"]["sample_shape"])
    kind = "denoised" if name == "denoising_digits" else "reconstructions"
    assert outcome[kind].shape == shape
    assert ("drawn" in outcome) == (name == "vae_digits")
    assert ("anomalous" in outcome) == (name == "conv_fashion_mnist_sneaker")


def test_the_card_of_a_detector_names_what_is_normal_and_how_many_anomalies_there_are():
    card = model_card(published("conv_fashion_mnist_sneaker"))
    assert "Telling samples that are unlike sneakers" in card
    assert "9,000 of them are anomalies" in card
    # 2 * 0.9 / 1.9
    assert "accuracy and average precision of 0.900 and an F1 of 0.947" in card
    assert "Goal" not in card
    assert "unlike class 3 by" in model_card(
        published("conv_fashion_mnist_bag", data="mine", normal_label=3)
    )


def test_the_card_of_a_denoising_model_says_what_noise_it_knows():
    arguments = {"corruption": "gaussian", "strength": 0.4, "clip": True}
    card = model_card(published("denoising_digits", arguments=arguments))
    noise = "Gaussian noise of standard deviation 0.4 is added to inputs"
    assert f"{noise}, and the sum cut off at 0 and 1, in training" in card
    card = model_card(published("denoising_digits", arguments={}))
    assert "Gaussian noise of standard deviation 0.3 is added to inputs, in training" in card
    arguments = {"corruption": "masking", "strength": 0.25}
    card = model_card(published("denoising_digits", arguments=arguments))
    assert "of an input's values a share of 0.25 is set to 0, in" in card


def test_only_the_card_of_a_recipe_as_it_stands_in_the_book_says_how_to_get_it_by_name():
    result = published("dense_digits")
    assert 'zoo.get("dense", weights="digits")' in model_card(result)
    assert "zoo reproduce dense_digits" in model_card(result)
    assert 'model = zoo.load("model.keras")\n' in model_card(result)
    for changes in ({"name": "dense_digits_smoke"}, {"epochs": 3}):
        card = model_card(published("dense_digits", **changes))
        assert 'model = zoo.load("model.keras")\n' in card
        assert "zoo.get" not in card
        assert "zoo reproduce" not in card
    # As the pipeline has it, before it was JSON.
    recipe = json.loads(json.dumps(result["recipe"]))
    recipe["arguments"] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in recipe["arguments"].items()
    }
    assert "zoo.get" in model_card({**result, "recipe": recipe})


def test_shown_anomalies_lie_spread_over_data_that_may_be_sorted(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(drawing, "_show", lambda axis, image: shown.append(image[0, 0, 0]))
    samples = np.broadcast_to(np.arange(100.0)[:, None, None, None], (100, 2, 2, 1))
    anomalous = np.arange(100) >= 50
    scores = np.arange(100) / 100
    path = tmp_path / "anomalies.png"
    drawing.draw_detection(path, samples, samples, scores, anomalous, 0.5)
    assert shown == [0, 12, 24, 36, 49, 50, 62, 74, 86, 99]
    assert path.stat().st_size > 1000
