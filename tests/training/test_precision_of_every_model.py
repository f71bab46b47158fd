"""Every model trains in mixed precision."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from training.tiny_recipe import RECIPE

import zoo
from zoo import data, registry, training

pytestmark = pytest.mark.slow

SPLITS = ("train", "validation", "test")
# The arguments that decide which layers a model has and what they add to the loss; small sizes.
SMALL = {"latent_dim": 4, "hidden": (8,)}
MODELS = [
    ("dense", SMALL),
    ("conv", {"latent_dim": 4, "filters": (4,), "batch_normalization": True}),
    ("denoising", SMALL),
    ("lstm", {"latent_dim": 4, "units": 4, "frame_length": 4}),
    ("sparse", {"latent_dim": 8, "sparsity": "l1"}),
    ("sparse", {"latent_dim": 8, "sparsity": "kl"}),
    ("sparse", {"body": "conv", "latent_dim": 16, "pool_size": 2, "sparsity": "k_sparse", "k": 2}),
    ("vae", {**SMALL, "kl_warmup_steps": 2}),
]


@pytest.fixture(scope="module")
def few():
    return data.load("digits", max_samples=64)


def test_no_built_in_model_is_left_out():
    assert {model for model, _ in MODELS} == set(registry.BUILT_IN)


# The sum of an L1 penalty would overflow in float16.
@pytest.mark.parametrize(
    ("model", "arguments", "precision"),
    [
        *((model, arguments, "mixed_bfloat16") for model, arguments in MODELS),
        ("sparse", {"latent_dim": 8, "sparsity": "l1"}, "mixed_float16"),
    ],
    ids=str,
)
def test_a_model_trains_in_a_precision(few, model, arguments, precision):
    recipe = replace(RECIPE, model=model, arguments=arguments, epochs=1)
    trained = training.train(recipe, few, "single", precision)
    assert np.isfinite(trained.history["val_loss"]).all()


def test_a_penalty_is_added_up_in_float32(few):
    # Above the largest number of float16 before the mean over the batch is taken.
    large = replace(few, value_range=(0, np.inf), **{s: getattr(few, s) * 2000 for s in SPLITS})
    recipe = replace(
        RECIPE, model="sparse", arguments={"latent_dim": 64, "output_activation": "linear"},
        epochs=1, learning_rate=1e-9,
    )  # fmt: skip
    trained = training.train(recipe, large, "single", "mixed_float16")
    assert np.isfinite(trained.history["loss"]).all()


def test_a_penalty_of_a_layer_of_the_user_s_own_is_added_to_a_loss_of_another_type(
    few, monkeypatch
):
    def penalised(*, input_shape=(8, 8, 1)):
        model = zoo.get("dense", input_shape=input_shape, latent_dim=2, hidden=())
        model.encoder.get_layer("code").activity_regularizer = keras.regularizers.L1(1e-3)
        return model

    monkeypatch.setattr(registry, "_registered", {"penalised": penalised})
    recipe = replace(RECIPE, model="penalised", arguments={}, epochs=1)
    trained = training.train(recipe, few, "single", "mixed_bfloat16")
    assert np.isfinite(trained.history["loss"]).all()
