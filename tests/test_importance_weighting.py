"""Training a VAE on the importance-weighted bound."""

from dataclasses import replace

import keras
import numpy as np
import pytest

import zoo
from recipes import book, data, importance_weighting, likelihood, stepping, training

SHAPE = (3, 2, 1)


@pytest.fixture
def samples(rng):
    return (rng.random((40, *SHAPE)) < 0.3).astype("float32")


def compiled(learning_rate=0.0):
    keras.utils.set_random_seed(0)
    arguments = {"input_shape": SHAPE, "latent_dim": 2, "hidden": (8,), "likelihood": "bernoulli"}
    model = zoo.get("vae", **arguments)
    # A posterior that differs from the prior, but not so much that few draws weigh all.
    model.set_weights([1.5 * weight for weight in model.get_weights()])
    optimizer = keras.optimizers.SGD(learning_rate)
    model.compile(optimizer, "binary_crossentropy", metrics=["mse"])
    return model


def reported_nats(samples, draws, repeats):
    """Return the mean loss, in nats, of a model that does not learn."""
    model = compiled()
    model.train_step = importance_weighting.train_step(model, draws, seed=0)
    x = np.repeat(samples, repeats, axis=0)
    return model.fit(x, x, epochs=1, batch_size=200, verbose=0).history["loss"][0] * samples[0].size


def test_one_draw_reports_the_elbo_and_many_the_likelihood(samples):
    expected = likelihood.importance_weighted(compiled(), samples, 20_000)
    assert expected["elbo_nats"] > expected["nll_nats"] + 0.1
    assert reported_nats(samples, 1, 1000) == pytest.approx(expected["elbo_nats"], rel=0.02)
    assert reported_nats(samples, 500, 5) == pytest.approx(expected["nll_nats"], rel=0.02)


def test_training_lowers_the_bound_with_every_weight(samples):
    model = compiled(learning_rate=1.0)
    before = model.get_weights()
    nats = likelihood.importance_weighted(model, samples, 1000)["nll_nats"]
    model.train_step = importance_weighting.train_step(model, 5, seed=0)
    model.fit(samples, samples, epochs=100, verbose=0)
    assert likelihood.importance_weighted(model, samples, 1000)["nll_nats"] < nats - 0.3
    for old, new in zip(before, model.get_weights(), strict=True):
        assert (old != new).any()


@pytest.mark.parametrize("xla", [False, True])
def test_a_recipe_trains_on_it(xla, monkeypatch):
    monkeypatch.setattr(stepping, "wins_with_xla", lambda model, steps: xla)
    recipe = replace(
        book.get("vae_digits").smoke(),
        epochs=1,
        arguments={"latent_dim": 4, "hidden": (16,), "likelihood": "bernoulli"},
        loss="binary_crossentropy",
        binarize=True,
        importance_samples=3,
    )
    dataset = data.load_for(recipe.to_json())
    found = training.train(recipe, dataset)
    plain = training.train(replace(recipe, importance_samples=1), dataset)
    assert found.history["loss"] != plain.history["loss"]
    assert found.history["loss"][0] == pytest.approx(plain.history["loss"][0], rel=0.2)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "dense"},
        {"arguments": {}, "loss": "mse"},
        {"arguments": {"likelihood": "bernoulli", "kl_weight": 2.0}},
        {"arguments": {"likelihood": "bernoulli", "kl_warmup_steps": 5}},
    ],
    ids=str,
)
def test_other_bounds_cannot_be_weighted(changes):
    recipe = book.get("vae_digits")
    fitting = {"arguments": {"likelihood": "bernoulli"}, "loss": "binary_crossentropy"}
    replace(recipe, **fitting, importance_samples=2)
    with pytest.raises(zoo.InputError, match="importance_samples must be 1 but for a vae"):
        replace(recipe, **{**fitting, **changes}, importance_samples=2)
