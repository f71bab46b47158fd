"""`vae`: its loss is the ELBO, its code is drawn, and it samples from the prior."""

from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

import zoo


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def digits():
    return load_digits().images.astype("float32")[..., None] / 16


def posterior(model, x):
    code = model.encoder.get_layer("code")
    return map(to_numpy, keras.Model(model.encoder.input, code.input)(x))


@pytest.mark.parametrize("kl_weight", [1.0, 4.0])
@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_the_loss_is_the_negative_elbo_in_nats(likelihood, kl_weight, rng):
    variance = 0.05
    arguments: dict[str, Any] = {"observation_variance": variance}
    arguments = arguments if likelihood == "gaussian" else {}
    model = zoo.get(
        "vae",
        input_shape=(3, 4),
        latent_dim=2,
        likelihood=likelihood,
        kl_weight=kl_weight,
        **arguments,
    )
    x = rng.random((6, 3, 4), dtype="float32")
    loss = "mse" if likelihood == "gaussian" else "binary_crossentropy"
    model.compile("adam", loss)
    reported = model.evaluate(x, x, batch_size=6, verbose=0)

    mean, log_variance = posterior(model, x)
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1).mean()
    y = to_numpy(model(x)).astype("float64")
    if likelihood == "gaussian":
        # -log N(x; y, variance I) without the constant D / 2 * log(2 pi variance).
        negative = (np.square(x - y) / (2 * variance)).sum(axis=(1, 2)).mean()
        nats = reported * 12 / (2 * variance)
    else:
        negative = -(x * np.log(y) + (1 - x) * np.log(1 - y)).sum(axis=(1, 2)).mean()
        nats = reported * 12
    assert nats == pytest.approx(negative + kl_weight * kl, rel=1e-4)


@pytest.mark.parametrize("body", ["dense", "conv"])
def test_a_vae_normalises_all_but_its_code_and_its_output(body):
    convolutional = {"filters": (3, 4), "kernel_size": 5} if body == "conv" else {}
    arguments = {"input_shape": (8, 8, 1), "body": body, "hidden": (5,), **convolutional}
    model = zoo.get("vae", batch_normalization=True, **arguments)
    layers = [*model.encoder.layers, *model.decoder.layers]
    normalised = [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]
    widths = [layer.input.shape[-1] for layer in normalised]
    # The decoder's dense layer makes 2 x 2 x 4 values, its last convolution the output.
    assert widths == ([5, 5] if body == "dense" else [3, 4, 5, 5, 16, 3])
    convolutions = keras.layers.Conv2D | keras.layers.Conv2DTranspose
    kernels = [layer.kernel.shape[:2] for layer in layers if isinstance(layer, convolutions)]
    assert kernels == [(5, 5)] * (4 if body == "conv" else 0)


def test_training_does_not_collapse_the_code():
    x = digits()[:500]
    keras.utils.set_random_seed(0)
    model = zoo.get("vae", input_shape=(8, 8, 1), latent_dim=4, hidden=(64,))
    model.compile(keras.optimizers.Adam(3e-3), "mse")
    model.fit(x, x, epochs=30, batch_size=50, verbose=0)
    mean, log_variance = posterior(model, x)
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1).mean()
    assert kl > 1.0
    assert (mean.var(axis=0) > 0.01).sum() >= 2


def test_kl_warmup_rises_to_the_full_weight_in_training_and_counts_in_full_at_inference(rng):
    x = rng.random((5, 4), dtype="float32")
    plain = zoo.get("vae", input_shape=(4,), latent_dim=2)
    warm = zoo.get("vae", input_shape=(4,), latent_dim=2, kl_warmup_steps=4)
    for ours, theirs in zip(warm.trainable_weights, plain.trainable_weights, strict=True):
        ours.assign(theirs)
    plain(x)
    full = float(plain.losses[0])
    weights = []
    for _ in range(5):
        warm(x, training=True)
        weights.append(float(warm.losses[0]) / full)
    np.testing.assert_allclose(weights, [0.25, 0.5, 0.75, 1, 1], rtol=1e-5)
    fresh = zoo.get("vae", input_shape=(4,), latent_dim=2, kl_warmup_steps=4)
    for ours, theirs in zip(fresh.trainable_weights, plain.trainable_weights, strict=True):
        ours.assign(theirs)
    fresh(x)
    assert float(fresh.losses[0]) == pytest.approx(full, rel=1e-5)


def test_the_code_is_a_sample_in_training_and_the_mean_at_inference(rng):
    model = zoo.get("vae", input_shape=(4,), latent_dim=3)
    x = rng.random((2, 4), dtype="float32")
    mean, _ = posterior(model, x)
    np.testing.assert_array_equal(to_numpy(model.encoder(x)), mean)
    first, second = (to_numpy(model.encoder(x, training=True)) for _ in range(2))
    assert not np.allclose(first, mean)
    assert not np.allclose(first, second)


def test_samples_come_from_the_prior_by_seed():
    model = zoo.get("vae", input_shape=(8, 8, 1), latent_dim=3)
    samples = zoo.sample(model, 5, seed=7)
    assert samples.shape == (5, 8, 8, 1)
    np.testing.assert_array_equal(samples, zoo.sample(model, 5, seed=7))
    assert not np.allclose(samples, zoo.sample(model, 5, seed=8))
    codes = np.random.default_rng(7).standard_normal((5, 3), dtype="float32")
    np.testing.assert_allclose(samples, to_numpy(model.decoder(codes)), atol=1e-6)


def test_sampling_needs_a_prior_and_a_count():
    with pytest.raises(zoo.InputError, match="'dense' has no prior"):
        zoo.sample(zoo.get("dense"), 2)
    with pytest.raises(zoo.InputError, match="n must be"):
        zoo.sample(zoo.get("vae"), 0)
