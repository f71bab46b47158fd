"""When training stops, and which weights it keeps."""

import numpy as np
import pytest
from training.tiny_recipe import train


def test_training_stops_at_the_target(digits):
    free = train(digits, epochs=12)
    target = free.history["val_mse"][4]
    stopped = train(digits, epochs=12, target=target)
    assert stopped.runs[0]["stopped"] == "target"
    assert stopped.runs[0]["epochs"] == 5
    assert stopped.runs[0]["val_mse"] <= target
    assert free.runs[0]["stopped"] == "epochs"


def test_the_weights_that_reach_the_target_are_kept_with_early_stopping_too(digits):
    # Trained with next to no KL the error falls and the full loss rises: its best is an early one.
    arguments = {"latent_dim": 4, "hidden": (16,), "kl_warmup_steps": 9999, "kl_weight": 10}
    changes = {"model": "vae", "arguments": arguments, "learning_rate": 0.01}
    free = train(digits, epochs=6, **changes).history
    assert int(np.argmin(free["val_loss"])) < int(np.argmin(free["val_mse"]))
    target = min(free["val_mse"])
    trained = train(digits, epochs=6, patience=6, target=target, **changes)
    (run,) = trained.runs
    assert run["stopped"] == "target"
    assert run["kept_epoch"] == run["epochs"]
    x = digits.validation
    error = float(np.mean((trained.model.predict(x, verbose=0) - x) ** 2))
    assert error == pytest.approx(run["val_mse"], rel=1e-3) == target


def test_a_batch_normalised_model_keeps_its_moving_statistics(digits):
    arguments = {"latent_dim": 4, "hidden": (16,), "batch_normalization": True}
    trained = train(digits, epochs=6, learning_rate=0.05, arguments=arguments)
    # Validation ran on them; they began at 0 and 1.
    x = digits.validation
    error = float(np.mean((trained.model.predict(x, verbose=0) - x) ** 2))
    # Weights are rounded to 11 bits in the end.
    assert error == pytest.approx(trained.runs[0]["val_mse"], rel=1e-3)


def test_early_stopping_gives_back_the_best_weights(digits):
    # A rate this high overshoots: the best epoch is not the last.
    trained = train(digits, epochs=60, patience=3, learning_rate=0.05)
    (run,) = trained.runs
    assert run["stopped"] == "patience"
    assert run["kept_epoch"] == int(np.argmin(trained.history["val_loss"])) + 1 < run["epochs"]
    x = digits.validation
    error = float(np.mean((trained.model.predict(x, verbose=0) - x) ** 2))
    assert error == pytest.approx(run["val_mse"], rel=1e-3)
