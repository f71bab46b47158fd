"""The custom layers: corruption, sparsity, the Gaussian code and the LSTM.

Each but the last acts as the identity, or as a plain function of its input, at inference. Noise is
drawn from a `SeedGenerator`, so that `keras.utils.set_random_seed` makes a run repeatable, by the
functions of `layer.random`; training may put quicker ones there.
"""

import math
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
        strength: For `gaussian` the standard deviation, in units of the input; else the share of
            values that is touched, 0 to 1.
        clip: Whether corrupted values are cut off at 0 and 1.

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

    def get_config(self):
        config = {"kind": self.kind, "strength": self.strength, "clip": self.clip}
        config["seed"] = self.seed
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable("zoo")
class KLSparsity(keras.layers.Layer):
    """Identity that pulls each unit's mean activation over the batch towards a target rate.

    Adds `weight * sum over units of KL(Bernoulli(target_rate) || Bernoulli(mean activation))`, in
    nats, to the loss.

    Args:
        target_rate: Wanted mean activation of a unit, above 0 and below 1.
        weight: Weight of the penalty against a loss averaged over features.

    Reference:
        Ng, CS294A lecture notes: Sparse autoencoder, 2011, section 3.
    """

    def __init__(self, target_rate: float, weight: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.target_rate = target_rate
        self.weight = weight

    def call(self, inputs):
        # In mixed precision small rates would be lost.
        activations = ops.cast(inputs, keras.config.floatx())
        count = ops.cast(ops.maximum(ops.shape(inputs)[0], 1), keras.config.floatx())
        tiny = keras.config.epsilon()
        rate = ops.clip(ops.sum(activations, axis=0) / count, tiny, 1 - tiny)
        wanted = self.target_rate
        divergence = wanted * (math.log(wanted) - ops.log(rate))
        divergence += (1 - wanted) * (math.log(1 - wanted) - ops.log(1 - rate))
        self.add_loss(self.weight * ops.sum(divergence))
        return inputs

    def get_config(self):
        config = {"target_rate": self.target_rate, "weight": self.weight}
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable("zoo")
class KSparse(keras.layers.Layer):
    """Keeps the `k` largest values of each sample's code and sets the others to 0.

    Reference:
        Makhzani & Frey, k-Sparse Autoencoders, 2013, arXiv:1312.5663.
    """

    def __init__(self, k: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.k = k

    def call(self, inputs):
        smallest_kept = ops.top_k(inputs, self.k)[0][:, -1:]
        return ops.where(inputs >= smallest_kept, inputs, ops.zeros_like(inputs))

    def get_config(self):
        return {**super().get_config(), "k": self.k}


@keras.saving.register_keras_serializable("zoo")
class KSparseMaps(KSparse):
    """Keeps of each map's `k` largest values what they exceed the next one by, sets others to 0.

    Takes `(batch, height, width, maps)` of more than `k` positions. Unlike a choice of whole values
    that is continuous: where two values all but tie, rounding on a device changes little.

    Reference:
        Makhzani & Frey, Winner-Take-All Autoencoders, 2015, arXiv:1409.2752, section 3, whose maps
        keep one value, whole.
    """

    def call(self, inputs):
        height, width, maps = inputs.shape[1:]
        by_map = ops.transpose(ops.reshape(inputs, (-1, height * width, maps)), (0, 2, 1))
        next_one = ops.top_k(by_map, self.k + 1)[0][:, :, -1]
        return ops.relu(inputs - ops.reshape(next_one, (-1, 1, 1, maps)))


def gaussian_kl(mean, log_variance):
    """Return each unit's KL(N(mean, exp(log_variance)) || N(0, 1)) in nats, shape of `mean`."""
    return 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)


@keras.saving.register_keras_serializable("zoo")
class GaussianLatent(keras.layers.Layer):
    """Gaussian code of a VAE: a sample of q(z|x) in training, its mean at inference.

    Takes `[mean, log_variance]` of q(z|x), each `(batch, latent_dim)`. Adds `weight` times
    KL(q || N(0, I)), in nats per sample and averaged over the batch, to the loss.

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
        mean, log_variance = inputs
        # A replica may get an empty share of the last batch: its KL is 0, not 0 / 0.
        count = ops.cast(ops.maximum(ops.shape(mean)[0], 1), keras.config.floatx())
        # In mixed precision the sum would be rounded to three digits, or overflow.
        exact = [ops.cast(part, keras.config.floatx()) for part in inputs]
        divergence = gaussian_kl(*exact)
        divergence = ops.sum(divergence) / count
        weight = self.weight
        if training and self.warmup_steps:
            self.step.assign(self.step + 1.0)
            weight *= ops.minimum(self.step / self.warmup_steps, 1.0)
        self.add_loss(weight * divergence)
        if not training:
            return mean
        noise = self.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        config = {"weight": self.weight, "warmup_steps": self.warmup_steps, "seed": self.seed}
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable("zoo")
class LSTM(keras.layers.LSTM):
    """Keras's LSTM, with the inputs projected before its loop: in one product, and a constant once.

    On a GPU, where cuDNN runs it, and with dropout it is Keras's own.

    Args:
        units: Units of the state and of the output.
        constant_input: The input is the same at each step.
    """

    def __init__(self, units: int, constant_input: bool = False, **kwargs: Any):
        super().__init__(units, **kwargs)
        self.constant_input = constant_input

    def inner_loop(self, sequences, initial_state, mask, training=False):
        dropout = self.dropout or self.recurrent_dropout
        # Asked for GPUs alone, JAX raises where there is none.
        if dropout or any(name.startswith("gpu") for name in keras.distribution.list_devices()):
            return super().inner_loop(sequences, initial_state, mask, training)
        inputs = sequences[:, :1] if self.constant_input else sequences
        projected = ops.matmul(inputs, self.cell.kernel)
        if self.use_bias:
            projected += self.cell.bias
        if self.constant_input:
            projected = ops.repeat(projected, sequences.shape[1], axis=1)
        loop = keras.layers.RNN(
            _ProjectedLSTMCell(self.cell),
            return_sequences=self.return_sequences,
            go_backwards=self.go_backwards,
            unroll=self.unroll,
            zero_output_for_mask=self.zero_output_for_mask,
        )
        return loop.inner_loop(projected, initial_state, mask, training)

    def get_config(self):
        return {**super().get_config(), "constant_input": self.constant_input}


class _ProjectedLSTMCell:
    """A cell of the LSTM whose inputs are projected already."""

    def __init__(self, cell: keras.layers.LSTMCell):
        self.cell = cell
        self.state_size = cell.state_size

    def call(self, inputs, states):
        cell = self.cell
        hidden, carry = states
        sums = inputs + ops.matmul(hidden, cell.recurrent_kernel)
        admit, forget, candidate, emit = ops.split(sums, 4, axis=1)
        carry = cell.recurrent_activation(forget) * carry
        carry += cell.recurrent_activation(admit) * cell.activation(candidate)
        hidden = cell.recurrent_activation(emit) * cell.activation(carry)
        return hidden, [hidden, carry]

    __call__ = call
