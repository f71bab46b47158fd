"""One side of `benchmarks.training`, in a process of its own: an epoch for each line it reads.

    python -m benchmarks.peers PEER NETWORK SAMPLES.npy BATCH_SIZE [--latent-dim N]
        [--precision P] [--in-file]

Each side trains the same network on the same samples by Adam on MSE, shuffled afresh each epoch, as
its own users write it. It prints a JSON line when it is ready, with its number of parameters, and
one for each epoch, with samples per second and loss.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

# One epoch; returns its mean loss.
Epoch = Callable[[], float]

NETWORKS: dict[str, dict[str, Any]] = {
    "dense": {"hidden": (128, 64, 12), "latent_dim": 3, "activation": "tanh"},
    "conv": {"filters": (32, 64), "latent_dim": 16},
    "lstm": {"units": 64, "latent_dim": 32},
    "vae": {"hidden": (400,), "latent_dim": 20},
}
# As in `zoo.models.vae`: 2 sigma^2 / features makes mean squared error an ELBO.
KL_WEIGHT = 2 * 0.02 / (28 * 28)
LEARNING_RATE = 1e-3


def zoo_side(network: str, samples: np.ndarray, batch_size: int, latent_dim: int | None):
    """What `zoo train` does."""
    from recipes import stepping

    model = _keras_model(network, latent_dim)
    model.compile("adam", "mse")
    xla = stepping.wins_with_xla(model, stepping.XLA_STEPS)
    data = stepping.prepare_training(model, samples, batch_size, 0, xla=xla)
    return model.count_params(), lambda: _fit(model, data)


def keras_side(network: str, samples: np.ndarray, batch_size: int, latent_dim: int | None):
    """Plain `fit` on a NumPy array."""
    model = _keras_model(network, latent_dim)
    model.compile("adam", "mse")
    return model.count_params(), lambda: _fit(model, samples, samples, batch_size=batch_size)


def jax_side(network: str, samples: np.ndarray, batch_size: int, latent_dim: int | None):
    """The same Keras model in JAX, a whole epoch in one program."""
    from benchmarks.jax_epoch import make_epoch

    model = _keras_model(network, latent_dim)
    return model.count_params(), make_epoch(model, samples, batch_size)


def torch_side(network: str, samples: np.ndarray, batch_size: int, latent_dim: int | None):
    """The usual loop over a DataLoader."""
    return _torch(network, samples, batch_size, latent_dim, compiled=False)


def compiled_side(network: str, samples: np.ndarray, batch_size: int, latent_dim: int | None):
    """The same with `torch.compile`."""
    return _torch(network, samples, batch_size, latent_dim, compiled=True)


SIDES = {
    "zoo": zoo_side,
    "keras": keras_side,
    "jax": jax_side,
    "torch": torch_side,
    "compiled": compiled_side,
}


def _keras_model(network: str, latent_dim: int | None):
    import keras

    import zoo

    keras.utils.set_random_seed(0)
    arguments = NETWORKS[network] | ({"latent_dim": latent_dim} if latent_dim else {})
    return zoo.get(network, **arguments)


def _fit(model, *data, **options) -> float:
    history = model.fit(*data, epochs=1, verbose=0, **options).history
    return history["loss"][-1]


def _torch(network: str, samples: np.ndarray, batch_size: int, latent_dim: int | None, compiled):
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    from benchmarks.torch_networks import build

    torch.manual_seed(0)
    arguments = NETWORKS[network] | ({"latent_dim": latent_dim} if latent_dim else {})
    net = build(network, arguments)
    count = sum(weight.numel() for weight in net.parameters() if weight.requires_grad)

    def loss_of(x: torch.Tensor) -> torch.Tensor:
        if network == "vae":
            y, divergence = net(x)
            return torch.nn.functional.mse_loss(y, x) + KL_WEIGHT * divergence
        return torch.nn.functional.mse_loss(net(x), x)

    step_loss = torch.compile(loss_of) if compiled else loss_of
    optimizer = torch.optim.Adam(net.parameters(), LEARNING_RATE)
    x = torch.from_numpy(samples)
    if network == "conv":
        x = x.permute(0, 3, 1, 2).contiguous()
    elif network == "lstm":
        x = x[..., 0]
    loader = DataLoader(TensorDataset(x), batch_size, shuffle=True)

    def epoch() -> float:
        total = torch.zeros(())
        for (batch,) in loader:
            optimizer.zero_grad()
            loss = step_loss(batch)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(batch)
        return float(total) / len(samples)

    return count, epoch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=SIDES)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("samples", type=Path)
    parser.add_argument("batch_size", type=int)
    parser.add_argument("--latent-dim", type=int)
    parser.add_argument("--precision", help="A Keras dtype policy, for zoo and keras.")
    parser.add_argument("--in-file", action="store_true", help="Leave the samples in their file.")
    arguments = parser.parse_args()
    # Only JSON may reach the parent.
    answers, sys.stdout = sys.stdout, sys.stderr
    if arguments.peer == "jax":
        os.environ["KERAS_BACKEND"] = "jax"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    mode = "r" if arguments.in_file else None
    samples = np.load(arguments.samples, mmap_mode=mode, allow_pickle=False)
    if arguments.precision:
        import keras

        keras.config.set_dtype_policy(arguments.precision)
    side = SIDES[arguments.peer]
    count, epoch = side(arguments.network, samples, arguments.batch_size, arguments.latent_dim)
    # The first compiles, the second may do so for what the first has learnt of shapes.
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
