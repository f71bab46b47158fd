"""Training on Keras's JAX backend, a whole epoch in one program; for GPUs too.

    KERAS_BACKEND=jax python -m benchmarks.jax_epoch --network dense --peak-tflops 67

needs Keras, JAX and NumPy only, trains on random images, and prints samples per second and, where
the peak of the device is given, the share of it that training reaches.
"""

from collections.abc import Callable

import numpy as np


def make_epoch(model, samples: np.ndarray, batch_size: int, dtype=None) -> Callable[[], float]:
    """Return a function that trains a Keras model for one epoch and returns the mean loss.

    Args:
        model: A model on the JAX backend; its weights are copied, not changed.
        samples: `(samples, *sample_shape)`; they stay on the device.
        batch_size: Samples of a step; a smaller last batch gets a step of its own.
    """
    import jax
    import keras
    from jax import numpy as jnp

    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    x = jnp.asarray(samples)
    steps = len(samples) // batch_size

    def loss_of(weights, others, batch):
        y, others, penalties = model.stateless_call(
            weights, others, batch, training=True, return_losses=True
        )
        return jnp.mean(jnp.square(y - batch)) + sum(penalties), others

    def step(state, indices):
        weights, others, moments = state
        compute = jax.value_and_grad(loss_of, has_aux=True)
        (loss, others), gradients = compute(weights, others, x[indices])
        weights, moments = optimizer.stateless_apply(moments, gradients, weights)
        return (weights, others, moments), loss

    @jax.jit
    def run(state, key):
        order = jax.random.permutation(key, len(samples))
        whole = order[: steps * batch_size].reshape(steps, batch_size)
        state, losses = jax.lax.scan(step, state, whole)
        total = losses.sum() * batch_size
        if rest := len(samples) - whole.size:
            state, loss = step(state, order[-rest:])
            total += loss * rest
        return state, total / len(samples)

    state = jax.tree.map(
        jnp.copy,
        tuple(
            [variable.value for variable in variables]
            for variables in (
                model.trainable_variables,
                model.non_trainable_variables,
                optimizer.variables,
            )
        ),
    )
    keys = iter(range(1 << 30))

    def epoch() -> float:
        nonlocal state
        state, loss = run(state, jax.random.key(next(keys)))
        return float(loss)

    return epoch
