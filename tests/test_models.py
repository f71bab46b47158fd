"""What is particular to each model: counts, penalties, noise, the ELBO and sampling."""

import itertools

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

import zoo
from zoo.layers import LSTM, Corruption, KLSparsity, KSparse, KSparseMaps, gaussian_kl


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def digits():
    return load_digits().images.astype("float32")[..., None] / 16


# Dense


def test_the_textbook_networks_are_one_call_each():
    deep = zoo.get("dense", latent_dim=3, hidden=(128, 64, 12))
    sizes = [784, 128, 64, 12, 3, 12, 64, 128, 784]
    assert deep.count_params() == sum(a * b + b for a, b in itertools.pairwise(sizes))
    assert deep.count_params() == 219_891
    small = zoo.get("dense", input_shape=(2,), latent_dim=3, hidden=())
    assert small.count_params() == 2 * 3 + 3 + 3 * 2 + 2


@pytest.mark.parametrize("output_activation", ["tanh", "sigmoid", "linear"])
def test_dense_takes_activations(output_activation):
    model = zoo.get(
        "dense",
        latent_dim=3,
        activation="relu",
        latent_activation="linear",
        output_activation=output_activation,
    )
    dense = [layer for layer in model.decoder.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.activation.__name__ for layer in dense] == ["relu", "relu", output_activation]
    assert model.encoder.get_layer("code").activation.__name__ == "linear"


def test_mlperf_tiny_s_network_is_one_call():
    model = zoo.get(
        "dense",
        input_shape=(640,),
        latent_dim=8,
        hidden=(128,) * 4,
        latent_activation="relu",
        output_activation="linear",
        batch_normalization=True,
    )
    # 640-128-128-128-128-8 and back, and four values for each unit but the output's.
    assert model.count_params() == 269_992
    block = [keras.layers.Dense, keras.layers.BatchNormalization, keras.layers.Activation]
    kinds = [type(layer) for part in (model.encoder, model.decoder) for layer in part.layers]
    inputs, flatten, reshape = keras.layers.InputLayer, keras.layers.Flatten, keras.layers.Reshape
    expected = [inputs, flatten, *5 * block, inputs, *4 * block, keras.layers.Dense, reshape]
    assert kinds == expected
    assert model.encoder.get_layer("code").activation is keras.activations.relu


def test_batch_normalization_standardises_what_the_activation_sees(rng):
    model = zoo.get("dense", input_shape=(6,), hidden=(), latent_dim=4, batch_normalization=True)
    x = rng.normal(5, 3, (1000, 6)).astype("float32")
    codes = to_numpy(model.encoder(x, training=True))
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(codes.std(axis=0), 1, atol=1e-2)


def test_an_unknown_activation_is_refused():
    with pytest.raises(zoo.InputError, match="output_activation must name a Keras activation"):
        zoo.get("dense", output_activation="sigmoidal")


# Conv


@pytest.mark.parametrize("sides", [(1, 1), (5, 8), (9, 13), (28, 28), (33, 31)])
def test_conv_gives_back_every_size(sides):
    model = zoo.get("conv", input_shape=(*sides, 3), latent_dim=2, filters=(4, 4, 4))
    assert model.output_shape == (None, *sides, 3)


def test_conv_refuses_a_code_that_is_no_bottleneck_and_inputs_that_are_no_images():
    with pytest.raises(zoo.InputError, match="smaller than the 64 values"):
        zoo.get("conv", input_shape=(8, 8, 1), latent_dim=64)
    with pytest.raises(zoo.InputError, match=r"\(height, width, channels\)"):
        zoo.get("conv", input_shape=(140, 1))


# Sparse


def test_l1_adds_the_mean_over_samples_of_the_sum_over_units(rng):
    model = zoo.get("sparse", input_shape=(5,), latent_dim=7, sparsity_weight=0.1)
    x = rng.random((4, 5), dtype="float32")
    codes = to_numpy(model.encoder(x))
    model(x)
    (penalty,) = model.losses
    assert float(penalty) == pytest.approx(0.1 * codes.sum(axis=1).mean(), rel=1e-5)


def test_kl_sparsity_equals_the_lecture_notes():
    activations = np.array([[0.1, 0.9], [0.3, 0.5]], "float32")
    layer = KLSparsity(target_rate=0.05, weight=2.0)
    np.testing.assert_array_equal(to_numpy(layer(activations)), activations)
    rates, wanted = activations.mean(axis=0), 0.05
    kl = wanted * np.log(wanted / rates) + (1 - wanted) * np.log((1 - wanted) / (1 - rates))
    assert float(layer.losses[0]) == pytest.approx(2 * kl.sum(), rel=1e-5)


def test_k_sparse_keeps_the_k_largest():
    codes = np.array([[3.0, -1.0, 2.0, 0.5], [-4.0, -1.0, -2.0, -3.0]], "float32")
    expected = [[3.0, 0.0, 2.0, 0.0], [0.0, -1.0, -2.0, 0.0]]
    np.testing.assert_array_equal(to_numpy(KSparse(2)(codes)), expected)
    with pytest.raises(zoo.InputError, match="k must be at most latent_dim, 8"):
        zoo.get("sparse", latent_dim=8, sparsity="k_sparse", k=9)


def test_of_each_map_the_k_largest_keep_their_excess():
    first, second = [[3.0, 1.0], [2.0, 0.5]], [[0.0, 7.0], [8.0, 9.0]]
    maps = np.stack([first, second], axis=-1).astype("float32")[None]
    expected = np.stack([[[2.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [1.0, 2.0]]], axis=-1)[None]
    np.testing.assert_array_equal(to_numpy(KSparseMaps(2)(maps)), expected)


def test_a_convolutional_sparse_code_is_maps(rng):
    arguments = {"body": "conv", "sparsity": "k_sparse", "output_activation": "linear"}
    model = zoo.get("sparse", latent_dim=3 * 49, k=4, **arguments)
    codes = to_numpy(model.encoder(rng.random((5, 28, 28, 1), dtype="float32")))
    active = (codes.reshape(5, 49, 3) > 0).sum(axis=1)
    assert active.max() == 4
    # Alone, a unit adds the patch around its position and nothing elsewhere.
    alone = np.zeros((1, 49, 3), "float32")
    alone[0, 3 * 7 + 2, 1] = 1
    rows, columns = np.nonzero(to_numpy(model.decoder(alone.reshape(1, -1)))[0, :, :, 0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 19, 4, 15)
    with pytest.raises(zoo.InputError, match="multiple of 49, the 7x7 positions left"):
        zoo.get("sparse", body="conv")
    with pytest.raises(
        zoo.InputError, match="k must be at most the positions of a map but one, 48"
    ):
        zoo.get("sparse", latent_dim=98, k=49, **arguments)
    with pytest.raises(zoo.InputError, match="needs an input_shape"):
        zoo.get("sparse", input_shape=(28,), latent_dim=98, **arguments)


# Denoising


@pytest.mark.parametrize("kind", ["gaussian", "masking", "salt_and_pepper"])
def test_corruption_acts_in_training_only_and_at_its_strength(kind):
    x = np.full((50, 400), 0.5, "float32")
    layer = Corruption(kind, 0.2, seed=1)
    np.testing.assert_array_equal(to_numpy(layer(x)), x)
    noisy = to_numpy(layer(x, training=True))
    if kind == "gaussian":
        assert (noisy - x).mean() == pytest.approx(0, abs=0.01)
        assert (noisy - x).std() == pytest.approx(0.2, rel=0.03)
        return
    assert (noisy != x).mean() == pytest.approx(0.2, rel=0.05)
    salt = 0.1 if kind == "salt_and_pepper" else 0
    assert (noisy == 1).mean() == pytest.approx(salt, rel=0.1)
    assert (noisy == 0).mean() == pytest.approx(0.2 - salt, rel=0.1)
    # Values that are kept are not scaled, unlike in dropout.
    assert set(np.unique(noisy)) <= {0.0, 0.5, 1.0}


def test_a_share_above_one_is_refused():
    with pytest.raises(zoo.InputError, match="strength must lie between 0 and 1"):
        zoo.get("denoising", corruption="masking", strength=1.5)


# VAE


def test_kl_equals_a_hand_computed_value():
    mean = np.array([[1.0, 0.0], [0.0, 2.0]], "float32")
    log_variance = np.log(np.array([[1.0, 4.0], [1.0, 1.0]], "float32"))
    # KL(N(m, v) || N(0, 1)) = (m^2 + v - 1 - ln v) / 2.
    expected = [[0.5, 0.5 * (3 - np.log(4))], [0.0, 2.0]]
    np.testing.assert_allclose(to_numpy(gaussian_kl(mean, log_variance)), expected, rtol=1e-6)


def posterior(model, x):
    code = model.encoder.get_layer("code")
    return map(to_numpy, keras.Model(model.encoder.input, code.input)(x))


@pytest.mark.parametrize("kl_weight", [1.0, 4.0])
@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_the_loss_is_the_negative_elbo_in_nats(likelihood, kl_weight, rng):
    variance = 0.05
    model = zoo.get(
        "vae",
        input_shape=(3, 4),
        latent_dim=2,
        likelihood=likelihood,
        observation_variance=variance,
        kl_weight=kl_weight,
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
    arguments = {"input_shape": (8, 8, 1), "body": body, "hidden": (5,), "filters": (3, 4)}
    model = zoo.get("vae", batch_normalization=True, kernel_size=5, **arguments)
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


# LSTM


def test_lstm_decodes_from_the_end_to_the_start():
    model = zoo.get("lstm", input_shape=(6, 2), latent_dim=3, units=4)
    decoder = model.decoder
    code = np.ones((1, 3), "float32")
    recurrent = next(layer for layer in decoder.layers if isinstance(layer, LSTM))
    dense = next(layer for layer in decoder.layers if isinstance(layer, keras.layers.Dense))
    states = recurrent(np.repeat(code[:, None], 6, axis=1))
    forwards = to_numpy(dense(states))
    np.testing.assert_allclose(to_numpy(decoder(code)), forwards[:, ::-1], atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True},
        {"return_state": True, "go_backwards": True, "return_sequences": True},
        {"use_bias": False, "activation": "relu", "recurrent_activation": "hard_sigmoid"},
        {"unroll": True, "zero_output_for_mask": True, "return_sequences": True},
        {"dropout": 0.5},
    ],
)
@pytest.mark.parametrize("constant", [False, True])
def test_the_lstm_layer_equals_keras_s_own(options, constant, rng):
    ours = LSTM(3, constant_input=constant, **options)
    theirs = keras.layers.LSTM(3, **options)
    x = rng.normal(size=(2, 5, 4)).astype("float32")
    x = x[:, :1].repeat(5, axis=1) if constant else x
    start = [keras.ops.convert_to_tensor(part) for part in rng.normal(size=(2, 2, 3))]
    start = [keras.ops.cast(part, "float32") for part in start]
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
    ours.build(x.shape)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    for arguments in ({}, {"initial_state": start}, {"mask": mask}):
        pairs = zip(
            keras.tree.flatten(ours(x, **arguments)),
            keras.tree.flatten(theirs(x, **arguments)),
            strict=True,
        )
        for found, expected in pairs:
            np.testing.assert_allclose(to_numpy(found), to_numpy(expected), atol=1e-6)
    copy = LSTM.from_config(ours.get_config())
    assert copy.constant_input == constant


def test_a_constant_input_is_taken_in_once(rng):
    layer = LSTM(3, constant_input=True, return_sequences=True)
    x = rng.normal(size=(2, 5, 4)).astype("float32")
    constant = x[:, :1].repeat(5, axis=1)
    np.testing.assert_array_equal(to_numpy(layer(x)), to_numpy(layer(constant)))
    assert [
        one.constant_input
        for part in (zoo.get("lstm").encoder, zoo.get("lstm").decoder)
        for one in part.layers
        if isinstance(one, LSTM)
    ] == [False, True]


def test_lstm_reads_images_row_by_row():
    model = zoo.get("lstm", input_shape=(7, 5, 3), units=4)
    recurrent = next(layer for layer in model.encoder.layers if isinstance(layer, LSTM))
    assert recurrent.input.shape == (None, 7, 15)
    with pytest.raises(zoo.InputError, match=r"\(time, features\)"):
        zoo.get("lstm", input_shape=(30,))


def test_lstm_reads_and_writes_frames_in_order():
    model = zoo.get("lstm", input_shape=(6, 2), latent_dim=3, units=4, frame_length=3)
    recurrent, dense = (
        next(layer for layer in model.decoder.layers if isinstance(layer, kind))
        for kind in (LSTM, keras.layers.Dense)
    )
    assert recurrent.input.shape == (None, 2, 3)
    code = np.ones((1, 3), "float32")
    frames = to_numpy(dense(recurrent(np.repeat(code[:, None], 2, axis=1))))
    # Each frame holds three steps of two features; the last frame is written first.
    expected = frames[:, ::-1].reshape(1, 6, 2)
    np.testing.assert_allclose(to_numpy(model.decoder(code)), expected, atol=1e-6)
    with pytest.raises(zoo.InputError, match=r"frame_length must divide the 6 steps .* got 4"):
        zoo.get("lstm", input_shape=(6, 2), frame_length=4)
