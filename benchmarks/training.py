"""Training speed beside the alternatives: the same networks, samples and steps.

    make bench
    python -m benchmarks.training lstm --rounds 9 --side keras_best

Each side trains in a process of its own, as its own users would write it (see `benchmarks.peers`).
Sides take turns of an epoch, in an order drawn for each round, while the others wait idle. The
report shows medians over rounds, of samples per second and of the ratios within a round.
Compilation is not counted.

After each round all numbers are written to `benchmarks/report.json`. In the end, or when it is
interrupted, `benchmarks/report.md` and its pictures are written from the rounds that were finished.
"""

import contextlib
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from benchmarks import costs, training_report
from benchmarks.peers import NETWORKS, SIDES
from benchmarks.rounds import compare

FOLDER = Path(__file__).parent
BATCH_SIZE = 128
# Samples of an epoch: about a second's work for most sides.
SAMPLES = {"dense": 60000, "vae": 30000, "conv": 5120, "lstm": 7680}
# Sizes that the cost of the dense network is measured against.
SWEEPS = {
    "batch_size": (32, 64, 128, 256, 512),
    "latent_dim": (2, 8, 32, 128),
    "samples": (1000, 10000, 60000),
}
# Rounds of everything but the comparison of the sides.
FEW_ROUNDS = 3
# Ways of `zoo train` beside each other.
WAYS: dict[str, tuple[str, ...]] = {
    "float32": ("zoo",),
    "mixed_bfloat16": ("zoo", "--precision", "mixed_bfloat16"),
    "mixed_float16": ("zoo", "--precision", "mixed_float16"),
    "float32, samples in a file": ("zoo", "--in-file"),
}


def main(
    networks: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(NETWORKS)}; else all.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds in which each side has a turn.")] = 7,
    side: Annotated[
        list[str] | None,
        typer.Option(help=f"Beside zoo, may be repeated, of {', '.join(SIDES)}; else all."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where TensorFlow Datasets keeps MNIST.")
    ] = None,
    sweeps: Annotated[bool, typer.Option(help="Measure cost against sizes, and memory.")] = True,
) -> None:
    """Time training beside PyTorch, JAX and Keras's own loop, and write a report."""
    for given, known in ((networks, NETWORKS), (side, SIDES)):
        for name in given or ():
            if name not in known:
                raise typer.BadParameter(f"{name!r} is none of {', '.join(known)}.")
    from zoo import data
    from zoo.cli.streams import silence_native_logs

    silence_native_logs()
    mnist = data.load("mnist", data_dir=data_dir)
    images = np.concatenate([mnist.train, mnist.validation])
    sides = ["zoo", *(name for name in side or SIDES if name != "zoo")]
    found: dict[str, Any] = {
        "asked": {"networks": list(networks or NETWORKS), "sides": sides, "rounds": rounds},
        **{part: {} for part in ("networks", "ways", "costs", "memory", "startup")},
    }
    interrupted = False
    try:
        with announcing() as say:
            measure(images, found, sweeps, say)
    except KeyboardInterrupt:
        interrupted = True
    if not found["networks"]:
        print("Interrupted before the first round: nothing is written.", file=sys.stderr)
        raise typer.Exit(130)
    training_report.write(FOLDER, found)
    training_report.print_results(found["networks"])
    if interrupted:
        print("Interrupted: the report is of the rounds that were finished.", file=sys.stderr)
        raise typer.Exit(130)


@contextlib.contextmanager
def announcing() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows what is being measured; without a terminal it prints lines."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: print(text, file=sys.stderr, flush=True)
        return
    with console.status("") as status:
        yield status.update


def measure(
    images: np.ndarray, found: dict[str, Any], sweeps: bool, say: Callable[[str], None]
) -> None:
    """Measure everything, and keep it in `found` and in `report.json` after each round.

    Args:
        images: `(samples, 28, 28, 1)`.
        found: `asked`, which names the networks, sides and rounds; and a dictionary to fill for
            each part of the report, see `training_report.write`.
        sweeps: Whether cost is measured against sizes, and memory.
        say: Shows a line of progress.
    """
    networks, names, rounds = (found["asked"][name] for name in ("networks", "sides", "rounds"))
    with tempfile.TemporaryDirectory() as scratch:

        def run(label: str, network: str, ways, samples: int, batch_size: int, rounds: int, keep):
            path = Path(scratch, f"{samples}.npy")
            np.save(path, images[:samples])
            say(f"{label}: {', '.join(ways)} get ready")

            def finished(so_far: dict[str, Any]) -> None:
                keep(so_far)
                training_report.write_json(FOLDER, found)
                say(f"{label}: round {len(so_far['sgemm'])} of {rounds}, {_last(so_far)}")

            return compare(network, ways, path, batch_size, rounds, finished)

        for network in networks:
            for part, ways, turns in (
                ("networks", {name: (name,) for name in names}, rounds),
                ("ways", WAYS, FEW_ROUNDS),
            ):

                def keep(so_far: dict[str, Any], part=part, network=network) -> None:
                    found[part][network] = so_far

                run(network, network, ways, SAMPLES[network], BATCH_SIZE, turns, keep)
        for size, values in SWEEPS.items() if sweeps else ():
            for value in values:
                samples = value if size == "samples" else SAMPLES["dense"]
                batch_size = value if size == "batch_size" else BATCH_SIZE
                options = ("--latent-dim", str(value)) if size == "latent_dim" else ()
                ways = {name: (name, *options) for name in ("zoo", "torch") if name in names}
                label = f"dense, {size} {value}"
                so_far = run(
                    label, "dense", ways, samples, batch_size, FEW_ROUNDS, lambda so_far: None
                )
                medians = {name: statistics.median(so_far["speeds"][name]) for name in ways}
                found["costs"].setdefault(size, []).append((value, medians))
        for count in costs.MEMORY_SAMPLES if sweeps else ():
            say(f"memory of {count} samples")
            found["memory"][count] = costs.memory(count, scratch)
    say("time to start")
    found["startup"] = costs.startup(rounds)


def _last(so_far: dict[str, Any]) -> str:
    speeds = ", ".join(f"{name} {speeds[-1]:,.0f}" for name, speeds in so_far["speeds"].items())
    return f"samples/s: {speeds}"


if __name__ == "__main__":
    typer.run(main)
