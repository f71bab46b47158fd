"""What the command costs beside training: peak memory, and the time that it takes to start."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

# Numbers of samples, of which the larger does not stay in memory.
MEMORY_SAMPLES = (10_000, 1_000_000)
# Prints a command's peak memory in KB. A small process of its own: a child's peak counts what its
# parent held when it started.
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def memory(count: int, scratch: str) -> float:
    """Return the peak memory, in MB, of `zoo train dense_mnist` on so many random images."""
    path = Path(scratch, f"memory_{count}.npy")
    images = np.lib.format.open_memmap(path, "w+", "uint8", (count, 28, 28, 1))
    random_numbers = np.random.default_rng(0)
    for start in range(0, count, 10_000):
        images[start : start + 10_000] = random_numbers.integers(
            0, 256, (10_000, 28, 28, 1), "uint8"
        )
    del images
    command = [_zoo(), "train", "dense_mnist", "--data", str(path), "--epochs", "1"]
    command += ["--variants", "fp32", "--out", scratch]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command], check=True, capture_output=True, text=True
    )
    path.unlink()
    return int(done.stdout) / 1024


def startup(rounds: int) -> dict[str, float]:
    """Return by how many seconds commands take longer than a Python that does nothing."""
    commands = {
        "import zoo": [sys.executable, "-c", "import zoo"],
        "zoo --help": [_zoo(), "--help"],
        "zoo list": [_zoo(), "list"],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        bare = _seconds([sys.executable, "-c", "pass"])
        for name, command in commands.items():
            found[name].append(_seconds(command) - bare)
    return {name: statistics.median(values) for name, values in found.items()}


def _zoo() -> str:
    return str(Path(sys.executable).with_name("zoo"))


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
