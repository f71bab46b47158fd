"""Linear probe, anomaly detection and likelihood against values known otherwise."""

import numpy as np
import pytest

import zoo
from zoo import data, evaluation
from zoo.data import Labels
from zoo.evaluation import detection, likelihood, probing


def test_a_linear_probe_separates_what_a_line_does_and_chance_what_none_does(rng):
    points = [rng.normal(size=(count, 2)) for count in (300, 100, 200)]
    straight = Labels(*((p[:, 0] > p[:, 1]).astype(int) for p in points))
    assert probing.accuracy(points, straight) > 0.97
    crossed = Labels(*((p[:, 0] * p[:, 1] > 0).astype(int) for p in points))
    assert probing.accuracy(points, crossed) < 0.65


def test_ranking_and_detection_by_hand():
    scores = np.array([0.1, 0.2, 0.3, 0.4])
    anomalous = np.array([False, True, False, True])
    assert detection.ranking(scores, anomalous) == {
        "auc": 0.75,
        "ap": pytest.approx((1 + 2 / 3) / 2),
    }
    # One of two anomalies is found, no normal sample is taken for one.
    expected = {"accuracy": 0.75, "f1": 2 / 3, "false_alarms": 0, "misses": 0.5}
    assert detection.detection(scores, anomalous, 0.35) == expected


def test_the_threshold_lies_between_the_kinds_whatever_their_numbers():
    normal, odd = np.array([1.0, 2, 3]), np.array([5.0] * 100 + [9.0])
    assert detection.choose_threshold(normal, odd) == 4
    # One of three normal samples weighs more than ten of a hundred anomalies.
    overlapping = np.array([2.5] * 10 + [9.0] * 90)
    assert detection.choose_threshold(normal, overlapping) == 6


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
    figures = evaluation.baselines(model, one)
    assert figures["auc_pca"] > 0.95
    assert figures["auc_forest"] > 0.8
    figures = evaluation.evaluate(model, one, figures)
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
