"""Training from several seeds, and what it hands on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from training.tiny_recipe import RECIPE, train

import zoo
from zoo import training
from zoo.training import fitting
from zoo.training.optimizers import make_optimizer
from zoo.training.restarts import criterion


def test_training_is_repeatable(digits):
    first, second = train(digits), train(digits)
    assert first.history == second.history
    x = digits.test
    np.testing.assert_array_equal(first.model.predict(x), second.model.predict(x))


def test_restarts_keep_the_best_by_validation(digits):
    trained = train(digits, restarts=3, seed=5)
    assert [run["seed"] for run in trained.runs] == [5, 6, 7]
    losses = [run["val_loss"] for run in trained.runs]
    assert len(set(losses)) == 3
    assert trained.chosen == int(np.argmin(losses))
    x = digits.validation
    error = float(np.mean((trained.model.predict(x, verbose=0) - x) ** 2))
    assert error == pytest.approx(min(losses), rel=1e-3)
    assert trained.history["val_loss"][-1] == min(losses)


def test_a_restart_that_diverges_is_recorded_and_never_chosen(digits, monkeypatch):
    rates = iter([1e6, 0.1])
    monkeypatch.setattr(
        fitting,
        "make_optimizer",
        lambda recipe, steps: make_optimizer(replace(recipe, learning_rate=next(rates)), steps),
    )
    linear = {"activation": "linear", "output_activation": "linear"}
    trained = train(digits, optimizer="sgd", epochs=5, restarts=2, arguments=linear)
    assert [run["stopped"] for run in trained.runs] == ["diverged", "epochs"]
    assert trained.runs[0]["val_loss"] is None
    assert trained.runs[0]["epochs"] < 5
    assert trained.chosen == 1
    assert np.isfinite(trained.history["val_loss"]).all()


def test_a_denoising_model_is_validated_on_corrupted_inputs(digits):
    trained = train(digits, model="denoising", arguments={"strength": 1.0})
    x = digits.validation
    noisy = trained.model.corrupt(x)
    assert float(np.std(noisy - x)) == pytest.approx(1, rel=0.05)
    np.testing.assert_array_equal(trained.model.corrupt(x), noisy)
    error = float(np.mean((trained.model.predict(noisy, verbose=0) - x) ** 2))
    assert trained.runs[0]["val_mse"] == pytest.approx(error, rel=1e-4)


def test_the_trained_model_carries_no_optimiser(digits):
    model = train(digits, epochs=1).model
    assert isinstance(model, zoo.Autoencoder)
    assert not model.compiled


def test_bad_combinations_of_recipe_and_data_are_refused(digits):
    with pytest.raises(zoo.InputError, match="batch_size 257 is larger than the training split"):
        train(digits, batch_size=257)
    unbounded = replace(digits, value_range=(-1.0, 1.0))
    with pytest.raises(zoo.InputError, match=r"binary_crossentropy needs values on \[0, 1\]"):
        train(unbounded, loss="binary_crossentropy")
    with pytest.raises(zoo.InputError, match="has no argument 'code'"):
        train(digits, arguments={"code": 3})
    nonsense: Any = "all"
    with pytest.raises(zoo.InputError, match="strategy must be one of"):
        training.train(RECIPE, digits, strategy=nonsense)
    # The weights become NaN, which ReLU hides from the loss.
    with pytest.raises(zoo.InputError, match="lower the learning rate"):
        train(digits, learning_rate=1e30, arguments={})


def test_seeds_of_a_model_with_a_prior_are_judged_by_the_bound_it_is_trained_on(digits):
    arguments = {"latent_dim": 4, "hidden": (16,)}
    trained = train(digits, model="vae", restarts=2, arguments=arguments)
    bounds = [run["val_bound"] for run in trained.runs]
    assert trained.chosen == int(np.argmin(bounds))
    assert trained.chosen == int(np.argmin([criterion(run) for run in trained.runs]))
    assert criterion({"val_loss": 1.0, "val_bound": 2.0}) == 2.0
    assert criterion({"val_loss": 1.0}) == 1.0
    assert "val_bound" not in train(digits, epochs=1).runs[0]
