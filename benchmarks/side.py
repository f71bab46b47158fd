"""A side's process, as the benchmark of training sees it."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


class Side:
    """A process of `benchmarks.peers`, ready to train.

    Attributes:
        name: Name of the side.
        parameters: Number of parameters that it trains.
    """

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
        """End the process."""
        self.process.communicate()
        self.errors.close()

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise RuntimeError(f"{self.name}: {self.errors.read().strip().splitlines()[-1]}")
        return json.loads(line)
