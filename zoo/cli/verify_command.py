"""`zoo verify`: checking folders again."""

import logging
from pathlib import Path
from typing import Annotated

import typer

import zoo
from zoo.artefact_names import RESULT
from zoo.cli.options import AsJson, DataDir, Download, Import, run_files
from zoo.cli.terminal import frameworks, print_files, print_json, say

logger = logging.getLogger(__name__)


def verify(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders that `zoo train` or `zoo.export` wrote.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every folder in saved_models, or in the one named.")
    ] = False,
    import_: Import = None,
    data_dir: DataDir = None,
    download: Download = False,
    as_json: AsJson = False,
) -> None:
    """Check folders again, without training: their files, and the figures that these reach.

    A SavedModel can run any code: verify only folders from people that you trust.
    """
    folders = folders or []
    if all_:
        if len(folders) > 1:
            raise zoo.InputError(f"--all takes one folder of folders, but got {len(folders)}.")
        (parent,) = folders or [Path("saved_models")]
        folders = sorted(path.parent for path in parent.glob(f"[!.]*/{RESULT}"))
    if not folders:
        raise zoo.InputError("There is nothing to verify: name folders that `zoo train` wrote.")
    with frameworks():
        from zoo.pipeline import verify as verifying
    run_files(import_)
    reports = []
    for folder in folders:
        try:
            files = verifying.verify(folder, data_dir=data_dir, download=download)
        except (zoo.GateError, zoo.InputError) as error:
            if len(folders) == 1:
                raise
            # The others may be whole.
            logger.error("%s", error)
            continue
        reports.append({"folder": str(folder), "artefacts": files})
        if not as_json:
            print_files(files)
            say(f"{folder} is as recorded.")
    if as_json:
        print_json(reports)
    if len(reports) < len(folders):
        raise typer.Exit(1)
