"""LiteRT beside ONNX Runtime and PyTorch: the same weights and sample, batch 1, one thread each.

    make bench-edge
    python -m benchmarks.edge saved_models/conv_mnist --rounds 500
    python -m benchmarks.edge ours/model_int8.tflite --reference theirs_int8.tflite

times the signature `reconstruct` of every `.tflite` file. Where `model.keras` lies beside the file,
it also times the same network in PyTorch and ONNX Runtime, after a check that their outputs agree.

All sides get the same random sample, converted beforehand to the type and layout that each takes:
int8 for an int8 file, channels first for PyTorch's convolutions. A call ends when its output is
there. LiteRT copies its input and output; ONNX Runtime reads and writes arrays that are bound once;
PyTorch, eager or compiled, stays in `inference_mode`. Sides are timed in turns, in an order drawn
for each round. The table shows medians over rounds, of microseconds and of the ratios within a
round.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import zoo
from zoo.cli.streams import silence_native_logs
from zoo.cli.terminal import print_json


def main(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, help="Folders, .tflite files; else saved_models."),
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(exists=True, help="A .tflite file of others, timed beside each.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds in which each side has a turn.")] = 100,
    compiled: Annotated[bool, typer.Option(help="Time torch.compile as well.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Time .tflite files beside the same networks in ONNX Runtime and PyTorch."""
    silence_native_logs()
    # These load the frameworks, which then have nothing left to log to.
    from benchmarks import measuring, report

    paths = paths or [path for path in sorted(Path("saved_models").iterdir()) if path.is_dir()]
    rows = []
    with Console(stderr=True).status("") as status:
        for path in paths:
            status.update(str(path))
            files = sorted(path.glob("*.tflite")) if path.is_dir() else [path]
            # What only encodes or decodes has no twin.
            files = [file for file in files if not file.stem.endswith(("_encode", "_decode"))]
            try:
                rows += measuring.measure(files, reference, rounds, compiled) if files else []
            except zoo.InputError as error:
                raise typer.BadParameter(f"{path}: {error}") from error
    if as_json:
        print_json({**measuring.environment(), "rounds": rounds, "rows": rows})
    else:
        report.print_rows(rows)


if __name__ == "__main__":
    typer.run(main)
