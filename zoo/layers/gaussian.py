"""The Gaussian code of a variational autoencoder."""

from typing import Any

import keras
from keras import ops

from zoo.layers.sample_weights import weighed

# Bounds of log-variances. Codes that training makes use of have variances far from both; beyond
# them, values that are not scaled would make the sample and the KL overflow.
LOG_VARIANCES = (-20.0, 10.0)


def bounded(log_variance):
    """Return log-variances within `LOG_VARIANCES`; the gradient is that of the identity.

    So a log-variance beyond a bound still learns to come back.
    """
    within = ops.stop_gradient(ops.clip(log_variance, *LOG_VARIANCES))
    # The difference is 0, and has the gradient of the identity.
    return within + (log_variance - ops.stop_gradient(log_variance))


def gaussian_kl(mean, log_variance):
    """Return each unit's KL(N(mean, exp(log_variance)) || N(0, 1)) in nats, shape of `mean`."""
    return 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)


@keras.saving.register_keras_serializable("zoo")
class GaussianLatent(keras.layers.Layer):
    """Gaussian code of a VAE: a sample of q(z|x) in training, its mean at inference.

    Takes `[mean, log_variance]` of q(z|x), each `(batch, latent_dim)`. Adds `weight` times
    KL(q || N(0, I)), in nats per sample and averaged over the batch, to the loss; samples that have
    weights count by them. A frozen layer adds nothing.

    Args:
        weight: Weight of the KL against a loss averaged over features.
        warmup_steps: The weight rises linearly from 0 over this many training steps; at inference
            it always counts in full.

    Reference:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2013, arXiv:1312.6114; warm-up as in
        Bowman et al., 2015, arXiv:1511.06349.
    """

    def __init__(
        self, weight: float, warmup_steps: int = 0, seed: int | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.weight = weight
        self.warmup_steps = warmup_steps
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.random = keras.random

    def build(self, input_shape):
        if self.warmup_steps:
            self.step = self.add_weight(
                name="step",
                shape=(),
                initializer="zeros",
                dtype="float32",
                trainable=False,
                autocast=False,
                aggregation="only_first_replica",
            )

    def call(self, inputs, training=False):
        mean, log_variance = inputs[0], bounded(inputs[1])
        # A replica may get none of the last batch: its KL is 0, not 0 / 0.
        count = ops.cast(ops.maximum(ops.shape(mean)[0], 1), keras.config.floatx())
        # In mixed precision the sum would be rounded to three digits, or overflow.
        exact = [ops.cast(part, keras.config.floatx()) for part in (mean, log_variance)]
        divergence = gaussian_kl(*exact)
        divergence = ops.sum(weighed(divergence)) / count
        if self.trainable:
            self.add_loss(self._current_weight(training) * divergence)
        if not training:
            return mean
        noise = self.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise

    def _current_weight(self, training):
        if not (training and self.warmup_steps):
            return self.weight
        self.step.assign(self.step + 1.0)
        share = ops.minimum(self.step / self.warmup_steps, 1.0)
        return self.weight * ops.cast(share, keras.config.floatx())

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        config = {"weight": self.weight, "warmup_steps": self.warmup_steps, "seed": self.seed}
        return {**super().get_config(), **config}
