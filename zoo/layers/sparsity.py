"""Layers that let few units of a code be active at a time."""

import math
from typing import Any

import keras
from keras import ops

from zoo.layers import sample_weights


@keras.saving.register_keras_serializable("zoo")
class KLSparsity(keras.layers.Layer):
    """Identity that pulls each unit's mean activation over the batch towards a target rate.

    Adds `weight * sum over units of KL(Bernoulli(target_rate) || Bernoulli(mean activation))`, in
    nats, to the loss. Samples that have weights count by them in the mean activation, and the
    penalty counts by their mean weight. A frozen layer adds nothing.

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
        weight, given = self.weight, sample_weights.weights()
        if given is not None:
            weight *= ops.sum(given) / count
            count = ops.maximum(ops.sum(given), tiny)
        rate = ops.sum(sample_weights.weighed(activations), axis=0) / count
        rate = ops.clip(rate, tiny, 1 - tiny)
        wanted = self.target_rate
        divergence = wanted * (math.log(wanted) - ops.log(rate))
        divergence += (1 - wanted) * (math.log(1 - wanted) - ops.log(1 - rate))
        if self.trainable:
            self.add_loss(weight * ops.sum(divergence))
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
    """Keeps the `k` largest values of each map, less the next largest one; the others become 0.

    Takes `(batch, height, width, maps)` with more than `k` positions. From each kept value the
    largest value that is not kept is subtracted. So the output is a continuous function of the
    input: where two values are almost equal, rounding on a device changes little.

    Reference:
        Makhzani & Frey, Winner-Take-All Autoencoders, 2015, arXiv:1409.2752, section 3, which keeps
        one value of each map and subtracts nothing.
    """

    def call(self, inputs):
        height, width, maps = inputs.shape[1:]
        by_map = ops.transpose(ops.reshape(inputs, (-1, height * width, maps)), (0, 2, 1))
        next_one = ops.top_k(by_map, self.k + 1)[0][:, :, -1]
        return ops.relu(inputs - ops.reshape(next_one, (-1, 1, 1, maps)))
