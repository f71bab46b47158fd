"""Rounds in which the sides of a benchmark train an epoch each, in turn."""

import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.side import Side


def compare(
    network: str,
    ways: Mapping[str, tuple[str, ...]],
    samples: Path,
    batch_size: int,
    rounds: int,
    finished: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Let sides take turns of an epoch, in an order drawn anew for each round.

    Args:
        network: Of `benchmarks.peers.NETWORKS`.
        ways: For each side's name its peer and options.
        samples: A `.npy` file.
        batch_size: Samples of a step.
        rounds: Epochs of each side.
        finished: Called after each round with the result so far.

    Returns:
        The number of `parameters`; for each side its `speeds`, in samples per second, and `losses`;
        and `sgemm`, the machine's rate before the round. The last three hold one value per round.

    Raises:
        RuntimeError: A side failed, or the sides train different networks.
    """
    sides: list[Side] = []
    try:
        for name, (peer, *options) in ways.items():
            sides.append(Side(name, peer, network, samples, batch_size, *options))
        counts = {side.name: side.parameters for side in sides}
        if len(set(counts.values())) > 1:
            raise RuntimeError(f"The sides train different networks of {network}: {counts}.")
        found: dict[str, Any] = {
            "parameters": sides[0].parameters,
            "speeds": {name: [] for name in ways},
            "losses": {name: [] for name in ways},
            "sgemm": [],
        }
        order = random.Random(0)
        for _ in range(rounds):
            rate = sgemm()
            epochs = {side.name: side.epoch() for side in order.sample(sides, len(sides))}
            # An interrupted round leaves nothing: each list has one value per finished round.
            found["sgemm"].append(rate)
            for name, epoch in epochs.items():
                found["speeds"][name].append(epoch["samples_per_second"])
                found["losses"][name].append(epoch["loss"])
            finished(found)
        return found
    finally:
        for side in sides:
            side.close()


def sgemm(size: int = 2048) -> float:
    """Return the machine's float operations per second in a large matrix product."""
    a = np.ones((size, size), "float32")
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)
