"""Linear probe, anomaly detection and likelihood against values known otherwise."""

import math

import keras
import numpy as np
import pytest

import zoo
from recipes import anomalies, data, evaluating, likelihood, probing
from recipes.dataset import Labels
from recipes.headline import headline
from recipes.recipe import Gate
from recipes.recording import rows


def test_a_linear_probe_separates_what_a_line_does_and_chance_what_none_does(rng):
    points = [rng.normal(size=(count, 2)) for count in (300, 100, 200)]
    straight = Labels(*((p[:, 0] > p[:, 1]).astype(int) for p in points))
    assert probing.accuracy(points, straight) > 0.97
    crossed = Labels(*((p[:, 0] * p[:, 1] > 0).astype(int) for p in points))
    assert probing.accuracy(points, crossed) < 0.65


def test_ranking_and_detection_by_hand():
    scores = np.array([0.1, 0.2, 0.3, 0.4])
    anomalous = np.array([False, True, False, True])
    assert anomalies.ranking(scores, anomalous) == {
        "auc": 0.75,
        "ap": pytest.approx((1 + 2 / 3) / 2),
    }
    # One of two anomalies is found, no normal sample is taken for one.
    assert anomalies.detection(scores, anomalous, 0.35) == {"accuracy": 0.75, "f1": 2 / 3}


def test_the_threshold_lies_between_the_kinds_whatever_their_numbers():
    normal, odd = np.array([1.0, 2, 3]), np.array([5.0] * 100 + [9.0])
    assert anomalies.choose_threshold(normal, odd) == 4
    # One of three normal samples weighs more than ten of a hundred anomalies.
    overlapping = np.array([2.5] * 10 + [9.0] * 90)
    assert anomalies.choose_threshold(normal, overlapping) == 6


def test_one_class_is_trained_on_and_the_others_are_anomalies():
    whole, one = data.load("digits"), data.load("digits", normal_label=3)
    assert one.labels is not None
    assert one.anomalies is not None
    assert set(one.labels.train) == set(one.labels.validation) == {3}
    assert len(one.train) + len(one.validation) + len(one.anomalies) == 1437
    np.testing.assert_array_equal(one.test, whole.test)
    threes = whole.train[whole.labels.train == 3] if whole.labels else None
    np.testing.assert_array_equal(one.train, threes)
    few = data.load("digits", normal_label=3, max_samples=40)
    assert few.labels is not None
    assert few.anomalies is not None
    assert {len(few.train), len(few.test), len(few.anomalies), len(few.labels.test)} == {40}
    assert set(few.labels.test) == set(range(10))
    for label, sample in zip(few.labels.test, few.test, strict=True):
        (places,) = np.nonzero((one.test == sample).all(axis=(1, 2, 3)))
        assert label in one.labels.test[places]
    with pytest.raises(zoo.InputError, match=r"'digits' has the labels \[0, 1, .* is 10: choose"):
        data.load("digits", normal_label=10)

    model = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=4)
    figures = evaluating.baselines(model, one)
    assert figures["auc_pca"] > 0.95
    assert figures["auc_forest"] > 0.8
    figures = evaluating.evaluate(model, one, figures)
    assert {"auc", "ap", "accuracy", "f1"} <= figures.keys()
    assert "linear_probe" not in figures


def test_labels_belong_to_their_samples():
    from sklearn.datasets import load_digits

    digits = load_digits()
    known = {image.tobytes(): label for image, label in zip(digits.images, digits.target)}  # noqa: B905
    dataset = data.load("digits")
    assert dataset.labels is not None
    for split in ("train", "validation", "test"):
        images = (getattr(dataset, split)[..., 0] * 16).astype("float64")
        labels = getattr(dataset.labels, split)
        assert [known[image.tobytes()] for image in images] == list(labels)


def test_binarised_data_are_drawn_once_with_grey_as_the_probability():
    grey, drawn = data.load("digits"), data.load("digits", binarize=True)
    again = data.load("digits", binarize=True)
    assert drawn.binarized
    np.testing.assert_array_equal(drawn.train, grey.train)
    np.testing.assert_array_equal(drawn.test, again.test)
    assert set(np.unique(drawn.test)) == {0, 1}
    middle = (grey.test > 0.45) & (grey.test < 0.55)
    assert drawn.test[middle].mean() == pytest.approx(0.5, abs=0.05)
    assert "drawn as 0 or 1" in drawn.scaling


def test_the_likelihood_of_a_model_that_ignores_its_code_is_exact(rng):
    model = zoo.get("vae", input_shape=(5,), latent_dim=2, hidden=(), likelihood="bernoulli")
    # A posterior that differs from the prior, but not so much that few draws weigh all.
    for name in ("mean", "log_variance"):
        weights = model.encoder.get_layer(name).get_weights()
        model.encoder.get_layer(name).set_weights([rng.normal(0, 0.3, w.shape) for w in weights])
    probabilities = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    logits = np.log(probabilities / (1 - probabilities))
    model.decoder.layers[-2].set_weights([np.zeros((2, 5)), logits])
    x = (rng.random((60, 5)) < probabilities).astype("float32")
    found = likelihood.importance_weighted(model, x, 2000)
    exact = -(x * np.log(probabilities) + (1 - x) * np.log(1 - probabilities)).sum(axis=1).mean()
    assert found["reconstruction_nats"] == pytest.approx(exact, rel=1e-5)
    # The posterior is not the prior: its KL loosens the ELBO, but not the bound of many draws.
    kl = likelihood.posterior(model, x).kl_nats()
    assert found["elbo_nats"] == pytest.approx(exact + kl, rel=0.01)
    assert found["nll_nats"] == pytest.approx(exact, rel=0.01)
    assert kl > 0.05


def test_likelihoods_are_of_the_decoder_whatever_form_it_is_computed_in(monkeypatch):
    keras.utils.set_random_seed(0)
    shape = (7, 6, 1)
    model = zoo.get(
        "vae", input_shape=shape, latent_dim=3, body="conv", filters=(4,), likelihood="bernoulli"
    )
    x = (np.random.default_rng(0).random((3, *shape)) < 0.5).astype("float32")
    found = likelihood.importance_weighted(model, x, 100)
    monkeypatch.setattr(likelihood, "lower", lambda decoder, kinds: decoder)
    assert found == pytest.approx(likelihood.importance_weighted(model, x, 100), rel=1e-6)


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
