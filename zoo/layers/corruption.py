"""The corruption that a denoising autoencoder learns to undo."""

from typing import Any

import keras
from keras import ops

CORRUPTIONS = ("gaussian", "masking", "salt_and_pepper")


@keras.saving.register_keras_serializable("zoo")
class Corruption(keras.layers.Layer):
    """Corrupts its input in training and passes it on unchanged at inference.

    Args:
        kind: `gaussian` adds noise; `masking` sets a share of the values to 0; `salt_and_pepper`
            sets a share of them to 0 or 1, each with even odds.
        strength: For `gaussian` the standard deviation, in units of the input; for the others the
            share of values that is corrupted, 0 to 1.
        clip: Whether corrupted values are clipped to [0, 1].

    Reference:
        Vincent et al., Stacked Denoising Autoencoders, JMLR 11 (2010), section 3.3. As there, and
        unlike in dropout, values that masking keeps are not scaled up.
    """

    def __init__(
        self,
        kind: str,
        strength: float,
        clip: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.kind = kind
        self.strength = strength
        self.clip = clip
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.random = keras.random

    def call(self, inputs, training=False):
        return self.corrupt(inputs) if training else inputs

    def corrupt(self, inputs):
        """Return a corrupted copy of `inputs`, whatever the mode."""
        corrupted = self._corrupt(inputs)
        return ops.clip(corrupted, 0, 1) if self.clip else corrupted

    def _corrupt(self, inputs):
        shape = ops.shape(inputs)
        if self.kind == "gaussian":
            noise = self.random.normal(shape, dtype=inputs.dtype, seed=self.seed_generator)
            return inputs + self.strength * noise
        draw = self.random.uniform(shape, dtype=inputs.dtype, seed=self.seed_generator)
        kept = ops.where(draw < self.strength, ops.zeros_like(inputs), inputs)
        if self.kind == "masking":
            return kept
        # Below half the strength pepper, from there to the strength salt.
        return ops.where(
            ops.logical_and(draw >= self.strength / 2, draw < self.strength),
            ops.ones_like(inputs),
            kept,
        )

    @property
    def keeps_range(self) -> bool:
        """Whether corrupted values stay in the range of the data."""
        return self.clip or self.kind != "gaussian"

    def get_config(self):
        config = {"kind": self.kind, "strength": self.strength, "clip": self.clip}
        config["seed"] = self.seed
        return {**super().get_config(), **config}
