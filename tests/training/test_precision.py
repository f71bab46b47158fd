"""Training in mixed precision."""

from dataclasses import replace

import keras
import pytest
from training.tiny_recipe import RECIPE

import zoo
from zoo import training
from zoo.training import compiled_steps


# With and without XLA, and an LSTM in parts.
@pytest.mark.parametrize(
    ("model", "precision", "xla_steps"),
    [
        ("dense", "mixed_float16", compiled_steps.XLA_STEPS),
        pytest.param("lstm", "mixed_float16", 0, marks=pytest.mark.slow),
        ("vae", "mixed_bfloat16", 0),
    ],
)
def test_mixed_precision_trains_as_well_and_hands_on_a_float32_model(
    digits, model, precision, xla_steps, monkeypatch
):
    monkeypatch.setattr(compiled_steps, "XLA_STEPS", xla_steps)
    policies = []
    fit = keras.Model.fit

    def watched(self, *arguments, **options):
        policies.append(self.encoder.layers[-1].compute_dtype)
        return fit(self, *arguments, **options)

    monkeypatch.setattr(zoo.Autoencoder, "fit", watched)
    arguments = {"latent_dim": 4} | ({"units": 8} if model == "lstm" else {"hidden": (16,)})
    recipe = replace(RECIPE, model=model, arguments=arguments, epochs=4, learning_rate=0.01)
    mixed = training.train(recipe, digits, precision=precision)
    exact = training.train(recipe, digits)
    assert policies == [precision.removeprefix("mixed_"), "float32"]
    assert mixed.history["loss"][-1] == pytest.approx(exact.history["loss"][-1], rel=0.1)
    assert mixed.history["loss"][-1] < 0.9 * mixed.history["loss"][0]
    assert {layer.compute_dtype for layer in mixed.model.encoder.layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"


def test_a_precision_that_does_not_exist_is_refused(digits):
    with pytest.raises(zoo.InputError, match=r"precision must be one of float32, .* got 'half'"):
        training.train(RECIPE, digits, precision="half")  # type: ignore[arg-type]
