"""Training speed beside what users would pick instead: the same networks, samples and steps.

    make bench
    python -m benchmarks.training lstm --rounds 9

Each side trains in a process of its own, as its own users write it (see `benchmarks.peers`), and
they take turns, an epoch at a time, in an order drawn for each round; the others wait idle. Shown
are medians over rounds, of samples per second and of the ratios to PyTorch's within a round.
Compilation is not counted. Written are `benchmarks/report.md` and its pictures.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from benchmarks import training_report
from benchmarks.peers import NETWORKS, SIDES

BATCH_SIZE = 128
# Samples of an epoch: about a second's work for most sides.
SAMPLES = {"dense": 60000, "vae": 30000, "conv": 5120, "lstm": 7680}
# What cost is measured against, for the dense network.
SWEEPS = {
    "batch_size": (32, 64, 128, 256, 512),
    "latent_dim": (2, 8, 32, 128),
    "samples": (1000, 10000, 60000),
}


# Ways of `zoo train` beside each other.
WAYS: dict[str, tuple[str, ...]] = {
    "float32": ("zoo",),
    "mixed_bfloat16": ("zoo", "--precision", "mixed_bfloat16"),
    "mixed_float16": ("zoo", "--precision", "mixed_float16"),
    "float32, samples in a file": ("zoo", "--in-file"),
}
# Samples, of which the larger number does not stay in memory.
MEMORY_SAMPLES = (10_000, 1_000_000)
# Prints a command's peak memory in KB. A small process of its own: a child's peak counts what its
# parent held when it started.
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


class Side:
    """A peer's process, ready to train."""

    def __init__(
        self, name: str, peer: str, network: str, samples: Path, batch_size: int, *options: str
    ):
        self.name = name
        command = [sys.executable, "-m", "benchmarks.peers", peer, network]
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115, open until `close`
        self.process = subprocess.Popen(
            [*command, str(samples), str(batch_size), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Not a pipe: nobody reads it, and a full one would block.
            stderr=self.errors,
            text=True,
        )
        self.parameters = self._answer()["parameters"]

    def epoch(self) -> dict[str, Any]:
        """Train an epoch; return its `samples_per_second` and `loss`."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        self.process.communicate()
        self.errors.close()

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise RuntimeError(f"{self.name}: {self.errors.read().strip().splitlines()[-1]}")
        return json.loads(line)


def compare(
    network: str,
    ways: Mapping[str, tuple[str, ...]],
    samples: Path,
    batch_size: int,
    rounds: int,
) -> dict[str, Any]:
    """Return for each side its samples per second and losses, one for each round.

    Args:
        network: Of `benchmarks.peers.NETWORKS`.
        ways: For each side's name its peer and options.
        samples: A `.npy` file.
        batch_size: Samples of a step.
        rounds: Epochs of each side.
    """
    sides = []
    try:
        for name, (peer, *options) in ways.items():
            sides.append(Side(name, peer, network, samples, batch_size, *options))
        counts = {side.name: side.parameters for side in sides}
        if len(set(counts.values())) > 1:
            raise RuntimeError(f"The sides train different networks of {network}: {counts}.")
        speeds: dict[str, list[float]] = {name: [] for name in ways}
        losses: dict[str, list[float]] = {name: [] for name in ways}
        gemm = []
        order = random.Random(0)
        for _ in range(rounds):
            gemm.append(sgemm())
            for side in order.sample(sides, len(sides)):
                found = side.epoch()
                speeds[side.name].append(found["samples_per_second"])
                losses[side.name].append(found["loss"])
        return {
            "parameters": sides[0].parameters,
            "speeds": speeds,
            "losses": losses,
            "sgemm": gemm,
        }
    finally:
        for side in sides:
            side.close()


def memory(scratch: str) -> dict[int, float]:
    """Return for numbers of random images the peak memory, in MB, of `zoo train dense_mnist`."""
    zoo = str(Path(sys.executable).with_name("zoo"))
    found = {}
    for count in MEMORY_SAMPLES:
        path = Path(scratch, f"memory_{count}.npy")
        images = np.lib.format.open_memmap(path, "w+", "uint8", (count, 28, 28, 1))
        random_numbers = np.random.default_rng(0)
        for start in range(0, count, 10_000):
            images[start : start + 10_000] = random_numbers.integers(
                0, 256, (10_000, 28, 28, 1), "uint8"
            )
        del images
        command = [zoo, "train", "dense_mnist", "--data", str(path), "--epochs", "1"]
        command += ["--variants", "fp32", "--out", scratch]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *command], check=True, capture_output=True, text=True
        )
        found[count] = int(done.stdout) / 1024
        path.unlink()
    return found


def startup(rounds: int) -> dict[str, float]:
    """Return by how many seconds commands take longer than a Python that does nothing."""
    zoo = str(Path(sys.executable).with_name("zoo"))
    commands = {
        "import zoo": [sys.executable, "-c", "import zoo"],
        "zoo --help": [zoo, "--help"],
        "zoo list": [zoo, "list"],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        bare = _seconds([sys.executable, "-c", "pass"])
        for name, command in commands.items():
            found[name].append(_seconds(command) - bare)
    return {name: statistics.median(values) for name, values in found.items()}


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def sgemm(size: int = 2048) -> float:
    """Return the machine's float operations per second in a large matrix product."""
    a = np.ones((size, size), "float32")
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def main(
    networks: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(NETWORKS)}; else all.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds in which each side has a turn.")] = 7,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where TensorFlow Datasets keeps MNIST.")
    ] = None,
    sweeps: Annotated[bool, typer.Option(help="Measure cost against sizes, and memory.")] = True,
) -> None:
    """Time training beside PyTorch, JAX and plain Keras, and write a report."""
    for network in networks or ():
        if network not in NETWORKS:
            raise typer.BadParameter(f"{network!r} is none of {', '.join(NETWORKS)}.")
    from recipes import data
    from recipes.terminal import silence_native_logs

    silence_native_logs()
    mnist = data.load("mnist", data_dir=data_dir)
    images = np.concatenate([mnist.train, mnist.validation])
    results: dict[str, Any] = {}
    ways: dict[str, Any] = {}
    costs: dict[str, list[tuple[int, dict[str, float]]]] = {}
    with Console(stderr=True).status("") as status, tempfile.TemporaryDirectory() as scratch:

        def save(count: int) -> Path:
            path = Path(scratch, f"{count}.npy")
            np.save(path, images[:count])
            return path

        for network in networks or NETWORKS:
            status.update(f"{network}: {', '.join(SIDES)}")
            samples = save(SAMPLES[network])
            sides = {peer: (peer,) for peer in SIDES}
            results[network] = compare(network, sides, samples, BATCH_SIZE, rounds)
            status.update(f"{network}: {', '.join(WAYS)}")
            ways[network] = compare(network, WAYS, samples, BATCH_SIZE, 3)
        for size, values in SWEEPS.items() if sweeps else ():
            costs[size] = []
            for value in values:
                status.update(f"dense: {size} {value}")
                samples = save(value if size == "samples" else SAMPLES["dense"])
                options = ("--latent-dim", str(value)) if size == "latent_dim" else ()
                batch_size = value if size == "batch_size" else BATCH_SIZE
                sides = {peer: (peer, *options) for peer in ("zoo", "torch")}
                found = compare("dense", sides, samples, batch_size, 3)
                medians = {
                    peer: statistics.median(speeds) for peer, speeds in found["speeds"].items()
                }
                costs[size].append((value, medians))
        status.update(f"memory: {' and '.join(map(str, MEMORY_SAMPLES))} samples")
        peaks = memory(scratch) if sweeps else {}
    found = {
        "networks": results,
        "ways": ways,
        "costs": costs,
        "memory": peaks,
        "startup": startup(rounds),
    }
    training_report.write(Path(__file__).parent, found)
    training_report.print_results(results)


if __name__ == "__main__":
    typer.run(main)
