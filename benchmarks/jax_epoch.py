"""Training on Keras's JAX backend, a whole epoch in one program; it runs on GPUs too.

    KERAS_BACKEND=jax python -m benchmarks.jax_epoch dense conv --peak-tflops 67

trains on random images and needs Keras, JAX and NumPy only. It prints samples per second, the
floating-point operations per second by XLA's own count, and, where the device's peak is given, the
share of the peak. XLA counts the body of a loop once, so no operations are printed for an LSTM.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np


def make_epoch(model, samples: np.ndarray, batch_size: int) -> Callable[[], float]:
    """Return a function that trains a Keras model for one epoch and returns the mean loss.

    Its attribute `operations` is the number of floating-point operations of an epoch, without
    those of the last, smaller batch.

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

    cost = jax.jit(step).lower(state, jnp.arange(batch_size)).compile().cost_analysis()
    epoch.operations = steps * cost["flops"]
    return epoch


def main() -> None:
    import jax
    import keras

    import zoo
    from benchmarks.peers import NETWORKS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), help="default: all")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--samples", type=int, default=60000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--peak-tflops", type=float, help="of the device, in its precision")
    arguments = parser.parse_args()
    if keras.backend.backend() != "jax":
        parser.error("set KERAS_BACKEND=jax")
    if unknown := set(arguments.networks) - set(NETWORKS):
        parser.error(f"{', '.join(unknown)}: choose of {', '.join(NETWORKS)}")

    samples = np.random.default_rng(0).random((arguments.samples, 28, 28, 1), "float32")
    for network in arguments.networks:
        model = zoo.get(network, **NETWORKS[network])
        epoch = make_epoch(model, samples, arguments.batch_size)
        epoch()  # compiles
        seconds = []
        for _ in range(arguments.epochs):
            start = time.perf_counter()
            epoch()
            seconds.append(time.perf_counter() - start)
        second = statistics.median(seconds)
        rate = epoch.operations / second
        result = {
            "network": network,
            "device": jax.devices()[0].device_kind,
            "batch_size": arguments.batch_size,
            "samples_per_second": round(len(samples) / second),
        }
        if network != "lstm":
            result["gflops"] = round(rate / 1e9, 1)
            if arguments.peak_tflops:
                result["share_of_peak"] = round(rate / (arguments.peak_tflops * 1e12), 4)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
