"""One side of `benchmarks.training`, in a process of its own.

    python -m benchmarks.peers PEER NETWORK SAMPLES.npy BATCH_SIZE [--latent-dim N]
        [--precision P] [--in-file]

trains one epoch for each line that it reads. Every side trains the same network on the same samples
by Adam on MSE, shuffled anew in each epoch, as its own users would write it. A side prints one JSON
line when it is ready, with its number of parameters, and one for each epoch, with samples per
second and loss.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

NETWORKS: dict[str, dict[str, Any]] = {
    "dense": {"hidden": (128, 64, 12), "latent_dim": 3, "activation": "tanh"},
    "conv": {"filters": (32, 64), "latent_dim": 16},
    "lstm": {"units": 64, "latent_dim": 32},
    "vae": {"hidden": (400,), "latent_dim": 20},
}
# Networks that Keras's `fit` trains faster with `jit_compile`.
FASTER_WITH_JIT = ("dense", "vae")


def zoo_side(network: str, arguments: dict[str, Any], samples: np.ndarray, batch_size: int):
    """What `zoo train` does."""
    from benchmarks.keras_epoch import zoo_epoch

    model = _keras_model(network, arguments)
    return model.count_params(), zoo_epoch(model, samples, batch_size)


def keras_best_side(network: str, arguments: dict[str, Any], samples: np.ndarray, batch_size: int):
    """Keras's `fit` in the setting that measured best."""
    from benchmarks.keras_epoch import best_epoch

    model = _keras_model(network, arguments)
    jit_compile = network in FASTER_WITH_JIT
    return model.count_params(), best_epoch(model, samples, batch_size, jit_compile)


def keras_side(network: str, arguments: dict[str, Any], samples: np.ndarray, batch_size: int):
    """Plain `fit` on a NumPy array."""
    from benchmarks.keras_epoch import plain_epoch

    model = _keras_model(network, arguments)
    return model.count_params(), plain_epoch(model, samples, batch_size)


def jax_side(network: str, arguments: dict[str, Any], samples: np.ndarray, batch_size: int):
    """The same Keras model in JAX, a whole epoch in one program."""
    from benchmarks.jax_epoch import make_epoch

    model = _keras_model(network, arguments)
    return model.count_params(), make_epoch(model, samples, batch_size)


def torch_side(network: str, arguments: dict[str, Any], samples: np.ndarray, batch_size: int):
    """The usual loop over a DataLoader in PyTorch."""
    from benchmarks.torch_epoch import make_epoch

    return make_epoch(network, arguments, samples, batch_size, compiled=False)


def compiled_side(network: str, arguments: dict[str, Any], samples: np.ndarray, batch_size: int):
    """The same with `torch.compile`."""
    from benchmarks.torch_epoch import make_epoch

    return make_epoch(network, arguments, samples, batch_size, compiled=True)


SIDES = {
    "zoo": zoo_side,
    "keras_best": keras_best_side,
    "keras": keras_side,
    "jax": jax_side,
    "torch": torch_side,
    "compiled": compiled_side,
}


def _keras_model(network: str, arguments: dict[str, Any]):
    import keras

    import zoo

    keras.utils.set_random_seed(0)
    return zoo.get(network, **arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=SIDES)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("samples", type=Path)
    parser.add_argument("batch_size", type=int)
    parser.add_argument("--latent-dim", type=int)
    parser.add_argument("--precision", help="A Keras dtype policy, for the Keras sides.")
    parser.add_argument("--in-file", action="store_true", help="Leave the samples in their file.")
    options = parser.parse_args()
    # Only JSON may reach the parent.
    answers, sys.stdout = sys.stdout, sys.stderr
    if options.peer == "jax":
        os.environ["KERAS_BACKEND"] = "jax"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    mode = "r" if options.in_file else None
    samples = np.load(options.samples, mmap_mode=mode, allow_pickle=False)
    if options.precision:
        import keras

        keras.config.set_dtype_policy(options.precision)
    arguments = dict(NETWORKS[options.network])
    if options.latent_dim:
        arguments["latent_dim"] = options.latent_dim
    side = SIDES[options.peer]
    count, epoch = side(options.network, arguments, samples, options.batch_size)
    # The first epoch compiles. The second may compile again, with shapes that are known by then.
    epoch(), epoch()
    print(json.dumps({"parameters": count}), file=answers, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        loss = epoch()
        seconds = time.perf_counter() - start
        result = {"samples_per_second": len(samples) / seconds, "loss": loss}
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main()
