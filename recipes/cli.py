"""The command `zoo`."""

import logging
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

import zoo
from recipes import book
from recipes.headline import BASELINES
from recipes.options import (
    AsJson,
    DataDir,
    Download,
    Set,
    Variants,
    parse_arguments,
    parse_variants,
)
from recipes.recipe import RESULT, GateError, Loss, Optimizer, Precision, Schedule, Strategy
from recipes.terminal import frameworks, print_json, print_table, silence_native_logs
from recipes.variants import PARTS
from zoo.registry import canonical_name, describe

logger = logging.getLogger("recipes")

app = typer.Typer(
    name="zoo",
    help="Autoencoders by name: trained, exported, verified.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


class Interrupted(BaseException):
    """The user, or the system, asked the program to stop."""


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the models and the recipes."""
    models = {name: describe(name) for name in zoo.list_models()}
    trained = zoo.list_models(weights=True)
    recipes = {name: book.get(name) for name in book.NAMES}
    if as_json:
        print_json(
            {
                "models": models,
                "weights": trained,
                "recipes": {name: recipe.to_json() for name, recipe in recipes.items()},
            }
        )
        return
    print_table("Models: zoo.get(NAME), zoo show NAME", ("model", "what it is"), models.items())
    print_table(
        "Trained weights: zoo.get(MODEL, weights=NAME)",
        ("model", "weights", "reached on the test split"),
        [(model, name, text) for model, found in trained.items() for name, text in found.items()],
    )
    print_table(
        "Recipes: zoo train NAME",
        ("recipe", "model", "data", "epochs"),
        [(name, r.model, r.data, str(r.epochs)) for name, r in recipes.items()],
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Model, see `zoo list`.")],
    set_: Set = None,
    as_json: AsJson = False,
) -> None:
    """Show a model's layers, shapes and parameters."""
    name, arguments = canonical_name(name), parse_arguments(set_)
    with frameworks():
        model = zoo.get(name, **arguments)
    if not as_json:
        model.summary(expand_nested=True)
        return
    halves = {"encoder": model.encoder, "decoder": model.decoder}
    print_json(
        {
            "name": model.name,
            "input_shape": model.input_shape[1:],
            "latent_dim": model.latent_dim,
            "parameters": model.count_params(),
            **{half: [_describe_layer(layer) for layer in m.layers] for half, m in halves.items()},
        }
    )


def _describe_layer(layer: Any) -> dict[str, Any]:
    return {
        "name": layer.name,
        "type": type(layer).__name__,
        "output_shape": layer.output.shape[1:],
        "parameters": layer.count_params(),
    }


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="Recipe, see `zoo list`.")],
    epochs: Annotated[int | None, typer.Option(help="Most passes over the data.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Global batch.")] = None,
    optimizer: Annotated[Optimizer | None, typer.Option(help="Optimiser.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Rate at the start.")] = None,
    weight_decay: Annotated[
        float | None, typer.Option(help="Share of the kernels, times the rate, that a step takes.")
    ] = None,
    schedule: Annotated[Schedule | None, typer.Option(help="Course of the rate.")] = None,
    loss: Annotated[Loss | None, typer.Option(help="Reconstruction loss.")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Epochs without a better validation loss before stopping.")
    ] = None,
    target: Annotated[
        float | None, typer.Option(help="Validation MSE at which training stops.")
    ] = None,
    restarts: Annotated[
        int | None, typer.Option(help="Initialisations to try; the best is kept.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the first initialisation.")] = None,
    data: Annotated[
        str | None, typer.Option(help="digits, ecg5000, toycar, a TFDS image set or your FILE.npy.")
    ] = None,
    set_: Set = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Run in seconds, to try it out.")] = False,
    strategy: Annotated[
        Strategy, typer.Option(help="One device, or mirrored over all; auto: over several GPUs.")
    ] = "auto",
    precision: Annotated[
        Precision, typer.Option(help="What training computes in; weights stay float32.")
    ] = "float32",
    variants: Variants = None,
    data_dir: DataDir = None,
    download: Download = False,
    out: Annotated[Path, typer.Option(help="Folder for the recipe's folder.")] = Path(
        "saved_models"
    ),
    as_json: AsJson = False,
) -> None:
    """Train a recipe, export and verify the model, and record the result."""
    chosen = book.get(recipe)
    changes = {
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "schedule": schedule,
        "loss": loss,
        "patience": patience,
        "target": target,
        "restarts": restarts,
        "seed": seed,
    }
    chosen = replace(
        chosen,
        arguments={**chosen.arguments, **parse_arguments(set_)},
        **{name: value for name, value in changes.items() if value is not None},
    )
    if data is not None:
        chosen = chosen.on(data)
    if smoke:
        chosen = chosen.smoke()
    with frameworks():
        from recipes import pipeline
    folder, result = pipeline.run(
        chosen,
        out=out,
        strategy=strategy,
        precision=precision,
        variants=parse_variants(variants),
        data_dir=data_dir,
        download=download,
    )
    if as_json:
        print_json({"folder": str(folder), **result})
        return
    _print_figures(result["figures"])
    _print_artefacts(result["artefacts"])
    print(f"Written to {folder}")


@app.command()
def verify(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders that `zoo train` wrote.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every folder in saved_models, or in the one named.")
    ] = False,
    data_dir: DataDir = None,
    download: Download = False,
    as_json: AsJson = False,
) -> None:
    """Check folders of artefacts again, without training: files, figures, and what they reach."""
    folders = folders or []
    if all_:
        if len(folders) > 1:
            raise zoo.InputError(f"--all takes one folder of folders, but got {len(folders)}.")
        (parent,) = folders or [Path("saved_models")]
        folders = sorted(path.parent for path in parent.glob(f"[!.]*/{RESULT}"))
    if not folders:
        raise zoo.InputError("There is nothing to verify: name folders that `zoo train` wrote.")
    with frameworks():
        from recipes import published
    reports = []
    for folder in folders:
        try:
            artefacts = published.verify(folder, data_dir=data_dir, download=download)
        except (GateError, zoo.InputError) as error:
            if len(folders) == 1:
                raise
            # The others may be whole.
            logger.error("%s", error)
            continue
        reports.append({"folder": str(folder), "artefacts": artefacts})
        if not as_json:
            _print_artefacts(artefacts)
            print(f"{folder} is as recorded.")
    if as_json:
        print_json(reports)
    if len(reports) < len(folders):
        raise typer.Exit(1)


@app.command()
def reproduce(
    recipe: Annotated[str, typer.Argument(help="Published recipe, see `zoo results`.")],
    seed: Annotated[
        int | None, typer.Option(help="Seed to train from; else one that was not published.")
    ] = None,
    strategy: Annotated[
        Strategy, typer.Option(help="One device, or mirrored over all; auto: over several GPUs.")
    ] = "auto",
    data_dir: DataDir = None,
    download: Download = False,
    as_json: AsJson = False,
) -> None:
    """Train a published recipe again from another seed, and compare with its figure."""
    with frameworks():
        from recipes import reproducing
    found = reproducing.reproduce(
        recipe, seed=seed, strategy=strategy, data_dir=data_dir, download=download
    )
    if as_json:
        print_json(found)
        return
    reached = f"{recipe} from seed {found['seed']} reached a {found['label']} of {found['text']}"
    if found["deviations"] is None:
        print(f"{reached}; published is {found['published']}, of one seed.")
    else:
        print(
            f"{reached}: {found['deviations']:.1f} standard deviations from the published "
            f"{found['published']} over {found['seeds']} seeds."
        )


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder that `zoo train` wrote.")],
    variants: Variants = None,
    only: Annotated[
        str | None, typer.Option(help=f"The one function to offer: {', '.join(PARTS)}.")
    ] = None,
    int8_io: Annotated[
        bool, typer.Option("--int8-io", help="int8 inputs and outputs, for microcontrollers.")
    ] = False,
    per_channel: Annotated[
        bool | None, typer.Option(help="An int8 scale for each unit; else as the recipe says.")
    ] = None,
    threshold_quantile: Annotated[
        float | None, typer.Option(help="Anomaly threshold: quantile of validation scores.")
    ] = None,
    c_array: Annotated[
        bool, typer.Option("--c-array", help="Write each file as a C header too.")
    ] = False,
    data_dir: DataDir = None,
    download: Download = False,
    as_json: AsJson = False,
) -> None:
    """Export a trained model to TFLite again, and verify what comes out."""
    with frameworks():
        from recipes import published
    artefacts = published.export(
        folder,
        variants=parse_variants(variants),
        only=only,
        int8_io=int8_io,
        per_channel=per_channel,
        threshold_quantile=threshold_quantile,
        c_arrays=c_array,
        data_dir=data_dir,
        download=download,
    )
    if as_json:
        print_json({"folder": str(folder), "artefacts": artefacts})
    else:
        _print_artefacts(artefacts)
        print(f"Written to {folder}")


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="A `.tflite` file of the zoo.")],
    as_json: AsJson = False,
) -> None:
    """Show what a TFLite file says of itself, and its operators."""
    from recipes import inspecting

    found = inspecting.inspect(file)
    if as_json:
        print_json(found)
        return
    print_table(str(file), ("what", "value"), inspecting.summary(found))
    print_table("Signatures", ("signature", "input", "output"), inspecting.signatures(found))


def _print_figures(figures: dict[str, float]) -> None:
    """Print each figure of a model with those of its baselines, whose names begin alike."""
    own = [name for name in figures if not name.endswith(BASELINES)]
    beside = [name for name in BASELINES if any(f"{figure}{name}" in figures for figure in own)]

    def show(name: str) -> str:
        value = figures.get(name, "")
        return f"{value:.4f}" if isinstance(value, float) else str(value)

    rows = [(name, *(show(f"{name}{end}") for end in ("", *beside))) for name in own]
    print_table("Test split", ("figure", "model", *(end[1:] for end in beside)), rows)


def _print_artefacts(artefacts: dict[str, dict[str, Any]]) -> None:
    from recipes.recording import error_over_keras, largest_difference

    rows = [
        (
            name,
            f"{entry['bytes']:,}",
            f"{entry['test_mse']:.5f}",
            f"{error_over_keras(entry) - 1:+.2%}",
            f"{largest_difference(entry):.1e}",
        )
        for name, entry in artefacts.items()
    ]
    columns = ("artefact", "bytes", "test_mse", "against Keras", "largest difference")
    print_table("Artefacts", columns, rows)


@app.command()
def results(
    folder: Annotated[Path, typer.Argument(help="Folder of recipes' folders.")] = Path(
        "saved_models"
    ),
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row for each file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the table of results."""
    from recipes import recording

    if not folder.is_dir():
        raise zoo.InputError(f"There is no folder {folder}: train a recipe first, or name another.")
    found = recording.read_results(folder)
    if not found:
        raise zoo.InputError(f"There are no results in {folder}: train a recipe first.")
    if as_json:
        print_json(found)
    elif as_csv:
        print(recording.csv_table(found), end="")
    elif markdown:
        print(recording.markdown_table(found))
    else:
        columns, *rows = recording.rows(found)
        print_table(None, columns, rows)


def main() -> None:
    """Run the command: exit status 0 good, 1 a gate missed, 2 bad input, 130 interrupted."""

    signals = []

    def interrupt(number: int, _: Any) -> None:
        signals.append(number)
        raise Interrupted

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    silence_native_logs()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.setLevel(logging.INFO)
    # TFDS gives the root logger a handler of its own, which would print everything twice.
    logger.propagate = False
    try:
        app()
    except BaseException as error:
        # Compiled code that is interrupted fails with errors of its own.
        if signals:
            message, status = "Interrupted: no artefact was written.", 130
        elif isinstance(error, zoo.InputError):
            message, status = str(error), 2
        elif isinstance(error, OSError):
            # Only what no stage expects: such as a full folder for temporary files.
            message, status = f"The system refused ({error}): mend that.", 2
        elif isinstance(error, GateError):
            message, status = str(error), 1
        else:
            raise
        console.print(message, style="red", markup=False)
        if signals:
            # Compiled code may still run in threads, and crash in an orderly exit.
            sys.stdout.flush()
            os._exit(status)
        sys.exit(status)
