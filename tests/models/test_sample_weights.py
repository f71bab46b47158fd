"""Sample weights count in the whole loss, also in what layers add; frozen layers add nothing."""

import keras
import numpy as np
import pytest

import zoo

SHAPE, BATCH = (4, 4, 1), 6
# Penalties so large that the reconstruction does not hide them.
PENALISED = {
    "vae": ("vae", {"kl_weight": 1e5}),
    "vae, convolutions": ("vae", {"body": "conv", "filters": (3,), "kl_weight": 1e5}),
    "l1": ("sparse", {"sparsity_weight": 10.0}),
    "l1, convolutions": (
        "sparse",
        {"body": "conv", "pool_size": 2, "latent_dim": 8, "filters": (3,), "sparsity_weight": 10.0},
    ),
    "kl": ("sparse", {"sparsity": "kl", "sparsity_weight": 10.0}),
}
PLAIN = {name: (name, {}) for name in ("dense", "conv", "denoising", "lstm")}
MODELS = {**PENALISED, **PLAIN}


def compiled(case, **options):
    keras.utils.set_random_seed(0)
    name, arguments = MODELS[case]
    model = zoo.get(name, input_shape=SHAPE, **{"latent_dim": 3, **arguments})
    model.compile("adam", "mse", **{"run_eagerly": True, **options})
    return model


@pytest.fixture
def x(rng):
    return rng.random((BATCH, *SHAPE), dtype="float32")


def twice(x):
    """Return samples of which one is there twice, and weights by which it counts as often."""
    weights = np.array([2, 0, 1, 1, 1, 1], "float32")
    return np.repeat(x, weights.astype(int), axis=0), weights


@pytest.mark.parametrize("case", MODELS)
def test_a_weight_of_two_counts_as_a_sample_that_is_there_twice(case, x):
    doubled, weights = twice(x)
    model = compiled(case)
    expected = model.evaluate(doubled, doubled, verbose=0)
    assert model.evaluate(x, x, sample_weight=weights, verbose=0) == pytest.approx(expected)
    assert model.evaluate(x, x, verbose=0) != pytest.approx(expected)


@pytest.mark.parametrize("case", [case for case in MODELS if case != "denoising"])
def test_training_weighs_samples(case, x):
    doubled, weights = twice(x)
    # Noise in the code of a VAE differs from sample to sample, but matters little beside the KL.
    expected = compiled(case).train_on_batch(doubled, doubled)
    found = compiled(case).train_on_batch(x, x, sample_weight=weights)
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("case", MODELS)
def test_weights_scale_the_loss_and_zeros_leave_nothing_of_it(case, x):
    model = compiled(case)
    whole = model.evaluate(x, x, verbose=0)
    for scale in (3, 1, 0):
        weights = np.full(BATCH, scale, "float32")
        found = model.evaluate(x, x, sample_weight=weights, verbose=0)
        assert found == pytest.approx(scale * whole)


@pytest.mark.parametrize("case", ["vae", "l1", "kl"])
def test_compiled_steps_weigh_as_eager_ones_do(case, x):
    _, weights = twice(x)
    found, expected = (
        compiled(case, run_eagerly=eagerly).evaluate(x, x, sample_weight=weights, verbose=0)
        for eagerly in (False, True)
    )
    assert found == pytest.approx(expected)


def test_the_penalty_of_a_published_file_is_weighed(rng):
    model = zoo.get("sparse", weights="digits")
    x = rng.random((BATCH, 8, 8, 1), dtype="float32")
    model.compile("adam", "mse", run_eagerly=True, metrics=["mse"])
    weights = np.array([5, 0, 0, 0, 0, 0], "float32")
    loss, _ = model.evaluate(x, x, sample_weight=weights, verbose=0)
    first, _ = model.evaluate(x[:1], x[:1], verbose=0)
    assert loss == pytest.approx(5 / BATCH * first)


def test_a_sample_with_several_weights_weighs_its_parts(x, rng):
    weights = rng.random((BATCH, 4), dtype="float32")
    model = compiled("lstm")
    errors = np.square(model.predict(x, verbose=0) - x).mean(axis=(2, 3))
    found = model.evaluate(x, x, sample_weight=weights, verbose=0)
    assert found == pytest.approx((weights * errors).mean())
    # A penalty belongs to a whole sample.
    model = compiled("vae")
    expected = model.evaluate(x, x, sample_weight=weights.mean(axis=1), verbose=0)
    found = model.evaluate(x, x, sample_weight=weights, verbose=0)
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("case", PENALISED)
def test_a_frozen_encoder_adds_nothing_to_the_loss(case, x):
    model = compiled(case)
    model.encoder.trainable = False
    model.compile("adam", "mse", metrics=["mse"], run_eagerly=True)
    for loss, error in (model.evaluate(x, x, verbose=0), model.train_on_batch(x, x)):
        assert loss == pytest.approx(error)
    model.encoder.trainable = True
    model.compile("adam", "mse", metrics=["mse"], run_eagerly=True)
    loss, error = model.evaluate(x, x, verbose=0)
    assert loss > 1.5 * error


def test_the_warm_up_of_a_frozen_encoder_waits(x):
    model = zoo.get("vae", input_shape=SHAPE, latent_dim=2, kl_warmup_steps=5)
    model(x, training=True)
    model.encoder.trainable = False
    model(x, training=True)
    assert model.latent is not None
    assert float(model.latent.step) == 1
