"""The table of figures: each entry is complete, and each value of a result has one."""

import json
from collections import Counter

import keras
import numpy as np
import pytest
from conftest import ROOT, run_python

import zoo
from zoo import data, evaluation
from zoo.evaluation import BASELINES, FIGURES, likelihood
from zoo.evaluation.figure import split_name
from zoo.evaluation.sparsity import hoyer_sparsity


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_complete(name):
    figure = FIGURES[name]
    assert figure.label
    assert figure.meaning[0].isupper()
    assert figure.meaning.endswith(".")
    # Cards put it into a table of Markdown.
    assert "|" not in figure.meaning
    assert figure.direction in ("lower", "higher", None)
    assert set(figure.baselines) <= BASELINES.keys()
    assert figure.direction or not figure.baselines
    assert figure.show(0.5)
    assert format(0.5, figure.spread_form or figure.form)
    assert all(need.words for need in figure.needs)


def test_each_baseline_is_complete_and_has_a_figure():
    named = {baseline for figure in FIGURES.values() for baseline in figure.baselines}
    assert named == BASELINES.keys()
    assert all(baseline.label and baseline.short for baseline in BASELINES.values())


def test_the_meaning_of_the_likelihood_names_the_number_of_draws():
    assert f"{likelihood.IMPORTANCE_DRAWS:,} importance samples" in FIGURES["nll_nats"].meaning


@pytest.mark.parametrize("path", sorted((ROOT / "saved_models").glob("*/result.json")), ids=str)
def test_each_value_of_a_published_result_is_of_a_figure_of_the_table(path):
    for name in json.loads(path.read_text(encoding="utf-8"))["figures"]:
        own, baseline = split_name(name)
        figure, _, ratio = own.partition("_over_")
        assert figure in FIGURES, name
        assert not baseline or baseline in FIGURES[figure].baselines, name
        assert not ratio or (FIGURES[figure].has_ratios and ratio in FIGURES[figure].baselines)


def test_the_tables_are_read_without_a_framework():
    code = """
import json, sys
from zoo.evaluation import BASELINES, FIGURES
print(json.dumps([name for name in ("tensorflow", "keras", "sklearn") if name in sys.modules]))
"""
    assert run_python(code) == []


@pytest.fixture
def predictions(monkeypatch):
    """Counts the calls of `predict` by the name of the model and the samples it is given."""
    calls = Counter()
    predict = keras.Model.predict

    def counting(self, x, **options):
        calls[(self.name, np.asarray(x).tobytes())] += 1
        return predict(self, x, **options)

    monkeypatch.setattr(keras.Model, "predict", counting)
    return calls


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        # Reconstructions of the test split; codes of all three for the linear probe.
        ("dense", {}, {"dense": 1, "encoder": 3}),
        # Codes of the corrupted test split as well.
        ("denoising", {}, {"denoising": 1, "encoder": 4}),
        # Test, validation and anomalies are scored.
        ("dense", {"normal_label": 3}, {"dense": 3, "encoder": 1}),
        ("vae", {"binarize": True}, {"vae": 1, "encoder": 1, "posterior": 1}),
    ],
)
def test_a_model_predicts_once_for_each_split(name, options, expected, predictions, monkeypatch):
    monkeypatch.setattr(likelihood, "IMPORTANCE_DRAWS", 100)
    arguments = {"likelihood": "bernoulli"} if name == "vae" else {}
    model = zoo.get(name, input_shape=(8, 8, 1), latent_dim=2, hidden=(4,), **arguments)
    if name == "vae":
        model.posterior.name = "posterior"
    dataset = data.load("digits", max_samples=100, **options)
    evaluation.evaluate(model, dataset, {})
    assert set(predictions.values()) == {1}
    assert Counter(model for model, _ in predictions) == expected


def spatial():
    """A model whose code is a map of whole numbers."""
    image = keras.Input((8, 8, 1))
    code = keras.layers.MaxPooling2D(4)(image)
    code = keras.layers.Lambda(lambda x: keras.ops.cast(4 * x, "int32"), (2, 2, 1))(code)
    encoder = keras.Model(image, code, name="encoder")
    latent = keras.Input((2, 2, 1), dtype="int32")
    cast = keras.layers.Lambda(lambda x: keras.ops.cast(x, "float32") / 4, (2, 2, 1))(latent)
    decoder = keras.Model(latent, keras.layers.UpSampling2D(4)(cast), name="decoder")
    return zoo.Autoencoder.join(encoder, decoder, name="spatial")


def test_a_code_may_be_a_map_of_whole_numbers():
    dataset = data.load("digits")
    model = spatial()
    assert model.latent_dim == 4
    beside = evaluation.baselines(model, dataset)
    figures = evaluation.evaluate(model, dataset, beside)
    assert figures["linear_probe"] > 0.2
    codes = evaluation.predict(model.encoder, dataset.test)
    assert codes.dtype == "int32"
    vectors = codes.reshape(len(codes), 4).astype("float32")
    assert figures["code_sparsity"] == hoyer_sparsity(vectors)
    # PCA has a component for each value of the code.
    vector = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=4)
    expected = evaluation.baselines(vector, dataset)
    # Keras does not rebuild the Lambda layer of this model.
    del expected["linear_probe_untrained"]
    assert beside == pytest.approx(expected)


def test_a_prior_may_be_over_a_map(rng):
    image = keras.Input((4, 4, 1))
    mean = keras.layers.Conv2D(2, 2, strides=2)(image)
    log_variance = keras.layers.Conv2D(2, 2, strides=2)(image)
    from zoo.layers import GaussianLatent

    code = GaussianLatent(1.0)([mean, log_variance])
    encoder = keras.Model(image, code, name="encoder")
    latent = keras.Input((2, 2, 2))
    up = keras.layers.Conv2DTranspose(1, 2, strides=2, activation="sigmoid")(latent)
    decoder = keras.Model(latent, up, name="decoder")
    model = zoo.Autoencoder.join(encoder, decoder, name="map")
    x = (rng.random((20, 4, 4, 1)) < 0.5).astype("float32")
    found = likelihood.importance_weighted(model, x, 1000)
    q = likelihood.posterior(model, x)
    assert q.mean.shape == (20, 2, 2, 2)
    assert found["elbo_nats"] == pytest.approx(found["reconstruction_nats"] + q.kl_nats(), rel=0.02)
    assert 0 <= q.active_units() <= 8


def test_a_figure_that_does_not_apply_is_left_out():
    digits = data.load("digits", max_samples=50)
    dense = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=2)
    assert "kl_nats" not in evaluation.evaluate(dense, digits, {})
    vectors = data.from_arrays(*(digits.train.reshape(-1, 64) * 20 - 7 for _ in range(3)))
    dense = zoo.get("dense", input_shape=(64,), latent_dim=2)
    beside = evaluation.baselines(dense, vectors)
    assert beside.keys() == {"test_mse_mean", "test_mse_pca"}
    found = evaluation.evaluate(dense, vectors, beside)
    assert found.keys() == {
        "test_mse", "test_mse_over_mean", "test_mse_over_pca", "code_sparsity", "nonzeros"
    }  # fmt: skip


def test_what_reconstructions_are_enough_for_is_measured_of_a_file():
    dataset = data.load("digits", max_samples=100, normal_label=3)
    model = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=2)
    reconstructions = evaluation.predict(model, dataset.test)
    figures = evaluation.evaluate(model, dataset, {})
    for name in ("test_bce", "auc"):
        measured = evaluation.measures(name, model, dataset)
        assert measured.keys() == {name}
        assert measured[name](reconstructions) == figures[name]
    for name in ("test_mse", "accuracy", "code_sparsity", "linear_probe", "test_mse_over_pca"):
        assert evaluation.measures(name, model, dataset) == {}
    # A file of a denoising model is run on corrupted samples, but anomalies are not.
    model = zoo.get("denoising", input_shape=(8, 8, 1), latent_dim=2)
    assert evaluation.measures("auc", model, dataset) == {}
