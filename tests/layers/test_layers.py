"""The custom layers against values computed otherwise."""

import keras
import numpy as np
import pytest

from zoo.layers import LSTM, Corruption, KLSparsity, KSparseMaps, gaussian_kl


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_kl_sparsity_equals_the_lecture_notes():
    activations = np.array([[0.1, 0.9], [0.3, 0.5]], "float32")
    layer = KLSparsity(target_rate=0.05, weight=2.0)
    np.testing.assert_array_equal(to_numpy(layer(activations)), activations)
    rates, wanted = activations.mean(axis=0), 0.05
    kl = wanted * np.log(wanted / rates) + (1 - wanted) * np.log((1 - wanted) / (1 - rates))
    assert float(layer.losses[0]) == pytest.approx(2 * kl.sum(), rel=1e-5)


def test_of_each_map_the_k_largest_keep_their_excess():
    first, second = [[3.0, 1.0], [2.0, 0.5]], [[0.0, 7.0], [8.0, 9.0]]
    maps = np.stack([first, second], axis=-1).astype("float32")[None]
    expected = np.stack([[[2.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [1.0, 2.0]]], axis=-1)[None]
    np.testing.assert_array_equal(to_numpy(KSparseMaps(2)(maps)), expected)


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


def test_kl_equals_a_hand_computed_value():
    mean = np.array([[1.0, 0.0], [0.0, 2.0]], "float32")
    log_variance = np.log(np.array([[1.0, 4.0], [1.0, 1.0]], "float32"))
    # KL(N(m, v) || N(0, 1)) = (m^2 + v - 1 - ln v) / 2.
    expected = [[0.5, 0.5 * (3 - np.log(4))], [0.0, 2.0]]
    np.testing.assert_allclose(to_numpy(gaussian_kl(mean, log_variance)), expected, rtol=1e-6)


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
