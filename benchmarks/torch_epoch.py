"""Training a network of `benchmarks.torch_networks`, an epoch at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.torch_networks import build

# As in `zoo.models.vae`: 2 sigma^2 / features makes mean squared error an ELBO.
KL_WEIGHT = 2 * 0.02 / (28 * 28)
LEARNING_RATE = 1e-3


def make_epoch(
    network: str, arguments: dict[str, Any], samples: np.ndarray, batch_size: int, compiled: bool
) -> tuple[int, Callable[[], float]]:
    """Return a network's number of parameters, and an epoch: the usual loop over a DataLoader.

    Args:
        network: Of `benchmarks.peers.NETWORKS`.
        arguments: Arguments of the zoo's model of that name.
        samples: `(samples, 28, 28, 1)`.
        batch_size: Samples of a step.
        compiled: Whether the loss is compiled by `torch.compile`.
    """
    torch.manual_seed(0)
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
