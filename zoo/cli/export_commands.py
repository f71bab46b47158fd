"""`zoo export` and `zoo inspect`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.options import (
    AsJson,
    DataDir,
    Download,
    Import,
    Tolerance,
    Variants,
    parse_variants,
    run_files,
)
from zoo.cli.terminal import frameworks, print_files, print_json, print_table, say
from zoo.exporting.tflite_variants import PARTS


def export(
    folder: Annotated[Path, typer.Argument(help="Folder that `zoo train` or `zoo.export` wrote.")],
    variants: Variants = None,
    only: Annotated[
        str | None, typer.Option(help=f"The one function to offer: {', '.join(PARTS)}.")
    ] = None,
    int8_io: Annotated[
        bool | None, typer.Option(help="int8 inputs and outputs, for microcontrollers.")
    ] = None,
    per_channel: Annotated[
        bool | None, typer.Option(help="An int8 scale for each unit; else as the recipe says.")
    ] = None,
    threshold_quantile: Annotated[
        float | None, typer.Option(help="Anomaly threshold: quantile of validation scores.")
    ] = None,
    tolerance: Tolerance = None,
    c_array: Annotated[
        bool, typer.Option("--c-array", help="Write each file as a C header too.")
    ] = False,
    import_: Import = None,
    data_dir: DataDir = None,
    download: Download = False,
    as_json: AsJson = False,
) -> None:
    """Export a trained model to TFLite again, and verify what comes out."""
    names = parse_variants(variants)
    with frameworks():
        from zoo.pipeline import export as exporting
    run_files(import_)
    files = exporting.export(
        folder,
        variants=names,
        only=only,
        int8_io=int8_io,
        per_channel=per_channel,
        threshold_quantile=threshold_quantile,
        tolerance=tolerance,
        c_arrays=c_array,
        data_dir=data_dir,
        download=download,
    )
    if as_json:
        print_json({"folder": str(folder), "artefacts": files})
    else:
        print_files(files)
        say(f"Written to {folder}")


def inspect(
    file: Annotated[Path, typer.Argument(help="A `.tflite` file of the zoo.")],
    as_json: AsJson = False,
) -> None:
    """Show what a TFLite file says of itself, and its operators."""
    from zoo.exporting import inspecting

    found = inspecting.inspect(file)
    if as_json:
        print_json(found)
        return
    print_table(str(file), ("what", "value"), inspecting.summary(found))
    print_table("Signatures", ("signature", "input", "output"), inspecting.signatures(found))
