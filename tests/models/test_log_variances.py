"""`vae`: bounded log-variances keep training finite on any scale, and change nothing within."""

import functools

import keras
import numpy as np
import pytest

import zoo
from zoo.layers import GaussianLatent, gaussian_kl
from zoo.layers.gaussian import LOG_VARIANCES, bounded

LOW, HIGH = LOG_VARIANCES
COUNT = 128
FAR = {
    "wide noise": lambda rng: rng.normal(0, 10, (COUNT, 36)),
    "wider noise": lambda rng: rng.normal(0, 1000, (COUNT, 36)),
    "bytes": lambda rng: rng.integers(0, 256, (COUNT, 36)),
    "heavy tails": lambda rng: rng.standard_cauchy((COUNT, 36)),
    "heavy tail on one side": lambda rng: rng.lognormal(0, 3, (COUNT, 36)),
    "one column of another unit": lambda rng: rng.normal(0, [1.0] * 35 + [1e6], (COUNT, 36)),
}


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


@functools.cache
def compiled(body):
    """Return a compiled model, which is compiled once, and all of its state."""
    keras.utils.set_random_seed(0)
    shape = {"dense": {"hidden": (32,)}, "conv": {"body": "conv", "filters": (4,)}}[body]
    model = zoo.get("vae", input_shape=(6, 6, 1), latent_dim=4, output_activation="linear", **shape)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    return model, [(variable, to_numpy(variable).copy()) for variable in variables]


@pytest.mark.parametrize("body", ["dense", "conv"])
@pytest.mark.parametrize("data", FAR)
def test_training_stays_finite_on_data_that_are_not_scaled(data, body, rng):
    x = FAR[data](rng).astype("float32").reshape(-1, 6, 6, 1)
    model, state = compiled(body)
    for variable, start in state:
        variable.assign(start)
    losses = model.fit(x, x, epochs=3, batch_size=32, verbose=0).history["loss"]
    # Noise in the code may make the reconstruction worse than none, but not by orders of magnitude.
    assert max(losses) < 100 * np.square(x).mean()
    _, log_variances = model.posterior.predict(x, verbose=0)
    assert (log_variances >= LOW).all()
    assert (log_variances <= HIGH).all()
    assert np.isfinite(model.score(x)).all()


@pytest.mark.parametrize("start", [LOW - 20, HIGH + 20])
def test_a_log_variance_beyond_a_bound_learns_to_come_back(start, rng):
    model = zoo.get("vae", input_shape=(4,), latent_dim=2, hidden=())
    layer = model.encoder.get_layer("log_variance")
    layer.set_weights([np.zeros((4, 2)), np.full(2, start)])
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    x = rng.random((8, 4), dtype="float32")
    model.fit(x, x, verbose=0)
    change = to_numpy(layer.bias) - start
    assert (np.sign(change) == (1 if start < LOW else -1)).all()


@pytest.mark.parametrize("value", [-1e30, -1e9, LOW - 1e-3, HIGH + 1e-3, 1e9, 1e30])
def test_beyond_a_bound_the_bound_itself_counts(value):
    assert float(bounded(keras.ops.convert_to_tensor(value, "float32"))) == (
        LOW if value < 0 else HIGH
    )


def test_within_the_bounds_kl_sample_and_posterior_are_those_of_the_formula(rng):
    mean = rng.normal(size=(50, 3)).astype("float32")
    log_variance = rng.uniform(LOW, HIGH, (50, 3)).astype("float32")
    log_variance[0] = LOW, 0, HIGH
    np.testing.assert_array_equal(to_numpy(bounded(log_variance)), log_variance)

    layer = GaussianLatent(weight=0.5, seed=7)
    drawn = to_numpy(layer([mean, log_variance], training=True))
    noise = keras.random.normal((50, 3), seed=keras.random.SeedGenerator(7))
    plain = keras.ops.convert_to_tensor(log_variance)
    np.testing.assert_array_equal(drawn, to_numpy(mean + keras.ops.exp(0.5 * plain) * noise))
    expected = 0.5 * (keras.ops.sum(gaussian_kl(mean, plain)) / 50.0)
    assert float(layer.losses[0]) == float(expected)

    model = zoo.get("vae", input_shape=(4,), latent_dim=3)
    x = rng.random((5, 4), dtype="float32")
    bounds_kept = model.posterior(x)
    assert model.latent is not None
    unbounded = keras.Model(model.encoder.input, model.latent.input)(x)
    for ours, theirs in zip(bounds_kept, unbounded, strict=True):
        np.testing.assert_array_equal(to_numpy(ours), to_numpy(theirs))
