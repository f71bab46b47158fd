"""Many steps to a call: the same training as step by step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.training import batching, compiled_steps, philox_noise

SHAPE = (6,)
BATCH = 8


def compiled(name="dense", **arguments):
    keras.utils.set_random_seed(0)
    model = zoo.get(name, latent_dim=2, **arguments or {"input_shape": SHAPE, "hidden": (5,)})
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mse"])
    return model


def samples_of(count, shape=SHAPE):
    return np.random.default_rng(0).random((count, *shape), dtype="float32")


def in_file_of(samples, folder):
    """Return the samples as a view of a file that holds others before and behind them."""
    path = folder / "samples.npy"
    np.save(path, np.concatenate([samples[:2] + 2, samples, samples[:3] + 2]))
    return np.load(path, mmap_mode="r")[2:-3]


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
    data = compiled_steps.prepare_training(compiled(), samples_of(count), BATCH, 0, xla=False)
    (first, starts), (second, _) = orders(data, 2)
    assert sorted(first) == sorted(second) == list(range(count))
    assert list(first) != list(second)
    assert starts == list(range(0, max(count // BATCH, 1), compiled_steps.STEPS_PER_CALL))
    assert len(data) == len(starts)


def test_a_file_is_read_whole_each_epoch_in_another_order(tmp_path, monkeypatch):
    samples = samples_of(100)
    monkeypatch.setattr(batching, "PIECE_BYTES", 2 * BATCH * samples[0].nbytes)
    data = batching.pieces(in_file_of(samples, tmp_path), BATCH, 64, 0)
    epochs = [[piece.numpy() for piece, start in data if start == 0] for _ in range(2)]
    for epoch in epochs:
        assert [len(piece) for piece in epoch] == [16] * 6 + [4]
        assert sorted(np.concatenate(epoch).tolist()) == sorted(samples.tolist())
    assert len(data) == 7
    assert not np.array_equal(epochs[0][0], epochs[1][0])


def test_batches_of_a_file_divide_by_the_replicas(tmp_path):
    samples = samples_of(21)
    data = batching.batches(in_file_of(samples, tmp_path), BATCH, 2, seed=0)
    pairs = [(x.numpy(), y.numpy()) for x, y in data]
    assert [len(x) for x, _ in pairs] == [8, 8, 4]
    assert all((x == y).all() for x, y in pairs)
    known = samples.tolist()
    assert all(sample in known for x, _ in pairs for sample in x.tolist())


@pytest.mark.parametrize(
    ("count", "xla", "in_a_file"),
    [
        (5, False, False),
        (5, False, True),
        (16, True, False),
        (8 * 70 + 3, False, False),
        (8 * 70 + 3, False, True),
        (8 * 70 + 3, True, False),
    ],
)
def test_steps_in_calls_equal_fit_on_batches(count, xla, in_a_file, tmp_path):
    samples = samples_of(count)
    model = compiled()
    source = in_file_of(samples, tmp_path) if in_a_file else samples
    data = compiled_steps.prepare_training(model, source, BATCH, 0, xla=xla)
    x, y = samples[: count // 2], 1 - samples[: count // 2]
    validation = compiled_steps.prepare_validation(model, x, y, BATCH, xla=xla)
    function, seen = model.train_function, []

    def recorded(iterator):
        seen.append(next(iterator))
        return function(iter(seen[-1:]))

    model.train_function = recorded
    history = model.fit(data, validation_data=validation, epochs=2, shuffle=False, verbose=0)
    expected = np.square(model.predict(x, verbose=0) - y).mean()
    assert history.history["val_mse"][-1] == pytest.approx(expected, rel=1e-5)

    step_by_step = compiled()
    if in_a_file:
        pieces = [piece.numpy() for piece, _ in seen]
        calls = len(pieces) // 2
        drawn = [np.concatenate(pieces[:calls]), np.concatenate(pieces[calls:])]
    else:
        drawn = [samples[order.numpy()] for order, start in seen if start == 0]
    assert history.history["loss"] == pytest.approx(train(step_by_step, drawn), rel=1e-5)
    for ours, theirs in zip(model.get_weights(), step_by_step.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


# In parts there are two of each batch; the rest of three is one.
@pytest.mark.slow
def test_an_lstm_in_parts_learns_what_keras_s_own_does():
    arguments = {"input_shape": (6, 4), "units": 5}
    samples = samples_of(3 * BATCH + 3, (6, 4))
    model = compiled("lstm", **arguments)
    assert compiled_steps.wins_with_xla(model, compiled_steps.XLA_STEPS)
    data = compiled_steps.prepare_training(model, samples, BATCH, 0, xla=True)
    validation = compiled_steps.prepare_validation(model, samples, samples, BATCH, xla=True)
    (found,) = orders(data, 1)
    # What the data give depends on the epoch alone.
    model.train_function, function = None, model.train_function
    model.train_function = lambda iterator: function(iter([(tf.constant(found[0]), 0)]))
    history = model.fit(data, validation_data=validation, shuffle=False, verbose=0).history

    step_by_step = compiled("lstm", **arguments)
    assert history["loss"] == pytest.approx(train(step_by_step, [samples[found[0]]]), rel=1e-5)
    for ours, theirs in zip(model.get_weights(), step_by_step.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    expected = step_by_step.evaluate(samples, samples, batch_size=BATCH, verbose=0)
    assert history["val_mse"][-1] == pytest.approx(expected[1], rel=1e-5)


def train(model, epochs):
    """Train step by step on samples in these orders; return each epoch's mean loss."""
    losses = []
    for samples in epochs:
        batches = [samples[i : i + BATCH] for i in range(0, len(samples), BATCH)]
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
    assert compiled_steps.wins_with_xla(model, compiled_steps.XLA_STEPS) == wins
    assert not compiled_steps.wins_with_xla(model, compiled_steps.XLA_STEPS - 1)


@pytest.mark.parametrize(
    ("kind", "mean", "deviation"), [("normal", 0, 1), ("uniform", 0.5, 12**-0.5)]
)
@pytest.mark.parametrize("seed", [7, 2**31 + 7])
def test_draws_are_keras_s_own_and_as_good_with_xla(kind, mean, deviation, seed):
    draw, state = getattr(philox_noise, kind), keras.random.SeedGenerator(seed)
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
