"""Many steps to a call: the same training as step by step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from recipes import philox, stepping

SHAPE = (6,)
BATCH = 8


def compiled(name="dense", **arguments):
    keras.utils.set_random_seed(0)
    model = zoo.get(name, latent_dim=2, **arguments or {"input_shape": SHAPE, "hidden": (5,)})
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mse"])
    return model


def samples_of(count, shape=SHAPE):
    return np.random.default_rng(0).random((count, *shape), dtype="float32")


def orders(data, epochs):
    """Return the order of samples in each epoch, and the step that each call starts with."""
    found = []
    for _ in range(epochs):
        calls = [(order.numpy(), int(start)) for order, start in data]
        assert all((order == calls[0][0]).all() for order, _ in calls)
        found.append((calls[0][0], [start for _, start in calls]))
    return found


# Fewer than a batch, whole batches only, a rest, and more than one call.
@pytest.mark.parametrize("count", [5, 16, 21, 8 * 70 + 3])
def test_every_epoch_has_each_sample_once_in_an_order_of_its_own(count):
    data = stepping.train_resident(compiled(), samples_of(count), BATCH, 0, xla=False)
    (first, starts), (second, _) = orders(data, 2)
    assert sorted(first) == sorted(second) == list(range(count))
    assert list(first) != list(second)
    assert starts == list(range(0, max(count // BATCH, 1), stepping.STEPS_PER_CALL))
    assert len(data) == len(starts)


@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize("count", [5, 16, 8 * 70 + 3])
def test_steps_in_calls_equal_fit_on_batches(count, xla):
    samples = samples_of(count)
    model = compiled()
    data = stepping.train_resident(model, samples, BATCH, 0, xla=xla)
    x, y = samples[: count // 2], 1 - samples[: count // 2]
    validation = stepping.validate_resident(model, x, y, BATCH, xla=xla)
    function, seen = model.train_function, []

    def recorded(iterator):
        seen.append(next(iterator))
        return function(iter(seen[-1:]))

    model.train_function = recorded
    history = model.fit(data, validation_data=validation, epochs=2, shuffle=False, verbose=0)
    expected = np.square(model.predict(x, verbose=0) - y).mean()
    assert history.history["val_mse"][-1] == pytest.approx(expected, rel=1e-5)

    drawn = [order.numpy() for order, start in seen if start == 0]
    step_by_step = compiled()
    assert history.history["loss"] == pytest.approx(train(step_by_step, samples, drawn), rel=1e-5)
    for ours, theirs in zip(model.get_weights(), step_by_step.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


# In parts there are two of each batch; the rest of three is one.
def test_an_lstm_in_parts_learns_what_keras_s_own_does():
    arguments = {"input_shape": (6, 4), "units": 5}
    samples = samples_of(3 * BATCH + 3, (6, 4))
    model = compiled("lstm", **arguments)
    assert stepping.wins_with_xla(model, stepping.XLA_STEPS)
    data = stepping.train_resident(model, samples, BATCH, 0, xla=True)
    validation = stepping.validate_resident(model, samples, samples, BATCH, xla=True)
    (found,) = orders(data, 1)
    # What the data give depends on the epoch alone.
    model.train_function, function = None, model.train_function
    model.train_function = lambda iterator: function(iter([(tf.constant(found[0]), 0)]))
    history = model.fit(data, validation_data=validation, shuffle=False, verbose=0).history

    step_by_step = compiled("lstm", **arguments)
    assert history["loss"] == pytest.approx(train(step_by_step, samples, found[:1]), rel=1e-5)
    for ours, theirs in zip(model.get_weights(), step_by_step.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    expected = step_by_step.evaluate(samples, samples, batch_size=BATCH, verbose=0)
    assert history["val_mse"][-1] == pytest.approx(expected[1], rel=1e-5)


def train(model, samples, orders):
    """Train step by step in these orders; return each one's mean loss."""
    losses = []
    for order in orders:
        batches = [samples[order[i : i + BATCH]] for i in range(0, len(order), BATCH)]
        means = [model.train_on_batch(batch, batch)[0] for batch in batches]
        losses.append(np.average(means, weights=[len(batch) for batch in batches]))
    return losses


@pytest.mark.parametrize(
    ("name", "arguments", "wins"),
    [
        ("dense", {}, True),
        ("vae", {}, True),
        ("vae", {"body": "conv"}, False),
        ("conv", {}, False),
        ("lstm", {}, True),
    ],
)
def test_xla_is_for_long_training_of_models_that_it_makes_faster(name, arguments, wins):
    model = zoo.get(name, **arguments)
    assert stepping.wins_with_xla(model, stepping.XLA_STEPS) == wins
    assert not stepping.wins_with_xla(model, stepping.XLA_STEPS - 1)


@pytest.mark.parametrize(
    ("kind", "mean", "deviation"), [("normal", 0, 1), ("uniform", 0.5, 12**-0.5)]
)
@pytest.mark.parametrize("seed", [7, 2**31 + 7])
def test_draws_are_keras_s_own_and_as_good_with_xla(kind, mean, deviation, seed):
    draw, state = getattr(philox, kind), keras.random.SeedGenerator(seed)
    expected = getattr(keras.random, kind)((3, 4), seed=keras.random.SeedGenerator(seed))
    np.testing.assert_array_equal(draw((3, 4), "float32", state), expected)

    compiled = tf.function(lambda: draw((200, 100), "float32", state), jit_compile=True)
    first, second = compiled().numpy(), compiled().numpy()
    assert not np.array_equal(first, second)
    for drawn in (first, second):
        assert drawn.mean() == pytest.approx(mean, abs=0.02)
        assert drawn.std() == pytest.approx(deviation, abs=0.02)
        assert abs(np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1]) < 0.03
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.03
