"""The derivation from the textbooks: backpropagation by hand for 2-3-2 against the framework's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


@pytest.fixture
def network():
    keras.utils.set_random_seed(0)
    model = zoo.get("dense", input_shape=(2,), latent_dim=3, hidden=(), latent_activation="sigmoid")
    # The biases start at 0; other values exercise them too.
    for weight in model.trainable_weights:
        weight.assign(np.random.default_rng(1).normal(size=weight.shape))
    return model


def backpropagate(x, w1, b1, w2, b2):
    """Return the MSE of sigmoid(sigmoid(x w1 + b1) w2 + b2) against x, and its four gradients."""
    hidden = sigmoid(x @ w1 + b1)
    output = sigmoid(hidden @ w2 + b2)
    error = output - x
    # d mean(error^2) / d output, through the sigmoid's derivative s(1 - s), layer by layer.
    delta2 = 2 * error / error.size * output * (1 - output)
    delta1 = delta2 @ w2.T * hidden * (1 - hidden)
    gradients = [x.T @ delta1, delta1.sum(axis=0), hidden.T @ delta2, delta2.sum(axis=0)]
    return float(np.mean(error**2)), gradients


@pytest.mark.parametrize("batch", [1, 5])
def test_gradients_by_hand_equal_the_frameworks(network, batch, rng):
    x = rng.random((batch, 2)).astype("float32")
    weights = [keras.ops.convert_to_numpy(w).astype("float64") for w in network.trainable_weights]
    loss, gradients = backpropagate(x.astype("float64"), *weights)

    with tf.GradientTape() as tape:
        theirs = tf.reduce_mean(tf.square(network(x, training=True) - x))
    values = [weight.value for weight in network.trainable_weights]
    assert float(theirs) == pytest.approx(loss, abs=1e-6)
    for ours, value in zip(gradients, tape.gradient(theirs, values), strict=True):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(value), ours, atol=1e-6)


def test_gradient_descent_from_1_0_lowers_the_error_at_every_step(network):
    x = np.array([[1.0, 0.0]], "float32")
    network.compile(keras.optimizers.SGD(0.5), "mse")
    # Each call returns the error before its step.
    errors = [network.train_on_batch(x, x) for _ in range(101)]
    assert np.all(np.diff(errors) < 0)
    assert errors[-1] < 0.1 * errors[0]
