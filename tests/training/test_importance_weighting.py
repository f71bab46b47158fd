"""Training a VAE on the importance-weighted bound."""

from dataclasses import replace

import keras
import numpy as np
import pytest

import zoo
from zoo import data, recipe_book
from zoo.evaluation import likelihood
from zoo.layers import GaussianLatent
from zoo.training import compiled_steps, importance_weighting, train

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


@pytest.mark.slow
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
    monkeypatch.setattr(compiled_steps, "wins_with_xla", lambda model, steps: xla)
    recipe = replace(
        recipe_book.get("vae_digits").smoke(),
        epochs=1,
        arguments={"latent_dim": 4, "hidden": (16,), "likelihood": "bernoulli"},
        loss="binary_crossentropy",
        binarize=True,
        importance_samples=3,
    )
    dataset = data.for_recipe(recipe)
    found = train(recipe, dataset)
    plain = train(replace(recipe, importance_samples=1), dataset)
    assert found.history["loss"] != plain.history["loss"]
    assert found.history["loss"][0] == pytest.approx(plain.history["loss"][0], rel=0.2)


def test_a_code_need_not_be_a_vector(samples):
    def model_of(code_shape):
        inputs = keras.Input(SHAPE)
        features = keras.layers.Flatten()(inputs)
        moments = [
            keras.layers.Reshape(code_shape)(keras.layers.Dense(4)(features)) for _ in range(2)
        ]
        code = GaussianLatent(1 / samples[0].size)(moments)
        codes = keras.Input(code_shape)
        ones = keras.layers.Dense(samples[0].size, "sigmoid")(keras.layers.Flatten()(codes))
        return zoo.Autoencoder.join(
            keras.Model(inputs, code, name="encoder"),
            keras.Model(codes, keras.layers.Reshape(SHAPE)(ones), name="decoder"),
            name="maps",
            likelihood="bernoulli",
        )

    losses = []
    weights = model_of((4,)).get_weights()
    for code_shape in ((4,), (2, 2)):
        model = model_of(code_shape)
        model.set_weights(weights)
        model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy", metrics=["mse"])
        model.train_step = importance_weighting.train_step(model, 3, seed=0)
        history = model.fit(samples, samples, epochs=2, shuffle=False, verbose=0).history
        losses.append(history["loss"])
    assert losses[0] == losses[1]
