"""The command `zoo`."""

import ast
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import zoo
from recipes import book
from recipes.recipe import GateError, Loss, Optimizer, Schedule, Strategy
from zoo.registry import canonical_name, describe

app = typer.Typer(
    name="zoo",
    help="Autoencoders by name: trained, exported, verified.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Argument of the model, such as latent_dim=8 or hidden=128,64."),
]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder that holds the data. [default: $TFDS_DATA_DIR or TFDS's own]"),
]
Download = Annotated[bool, typer.Option("--download", help="Fetch missing data with TFDS.")]


class Interrupted(BaseException):
    """The user, or the system, asked the program to stop."""


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the models and the recipes."""
    models = {name: describe(name) for name in zoo.list_models()}
    recipes = {name: book.get(name) for name in book.NAMES}
    if as_json:
        print_json(
            {
                "models": models,
                "recipes": {name: recipe.to_json() for name, recipe in recipes.items()},
            }
        )
        return
    table = Table("model", "what it is", title="Models: zoo.get(NAME), zoo show NAME")
    for name, text in models.items():
        table.add_row(name, text)
    stdout().print(table)
    table = Table("recipe", "model", "data", "epochs", title="Recipes: zoo train NAME")
    for name, recipe in recipes.items():
        table.add_row(name, recipe.model, recipe.data, str(recipe.epochs))
    stdout().print(table)


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
    data: Annotated[str | None, typer.Option(help="digits, ecg5000 or a TFDS image set.")] = None,
    set_: Set = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Run in seconds, to try it out.")] = False,
    strategy: Annotated[
        Strategy, typer.Option(help="One device, or mirrored over all; auto: over several GPUs.")
    ] = "auto",
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
        "schedule": schedule,
        "loss": loss,
        "patience": patience,
        "target": target,
        "restarts": restarts,
        "seed": seed,
        "data": data,
    }
    chosen = replace(
        chosen,
        arguments={**chosen.arguments, **parse_arguments(set_)},
        **{name: value for name, value in changes.items() if value is not None},
    )
    if smoke:
        chosen = chosen.smoke()
    with frameworks():
        from recipes import pipeline
    folder, result = pipeline.run(
        chosen, out=out, strategy=strategy, data_dir=data_dir, download=download
    )
    if as_json:
        print_json({"folder": str(folder), **result})
        return
    console = stdout()
    console.print(_figures_table(result["figures"]))
    console.print(_artefacts_table(result["artefacts"]))
    console.print(f"Written to {folder}", highlight=False, soft_wrap=True)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder that `zoo train` wrote.")],
    data_dir: DataDir = None,
    download: Download = False,
    as_json: AsJson = False,
) -> None:
    """Check a folder of artefacts again, without training."""
    with frameworks():
        from recipes import pipeline
    artefacts = pipeline.verify(folder, data_dir=data_dir, download=download)
    if as_json:
        print_json({"folder": str(folder), "artefacts": artefacts})
        return
    console = stdout()
    console.print(_artefacts_table(artefacts))
    console.print(f"{folder} is as recorded.", highlight=False, soft_wrap=True)


@app.command()
def results(
    folder: Annotated[Path, typer.Argument(help="Folder of recipes' folders.")] = Path(
        "saved_models"
    ),
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the table of results."""
    from recipes import recording

    found = recording.read_results(folder)
    if not found:
        raise zoo.InputError(f"There are no results in {folder}: train a recipe first.")
    if as_json:
        print_json(found)
    elif markdown:
        print(recording.markdown_table(found))
    else:
        columns, *rows = recording.rows(found)
        table = Table(*columns)
        for row in rows:
            table.add_row(*row)
        stdout().print(table)


def parse_arguments(pairs: list[str] | None) -> dict[str, Any]:
    """Read `name=value` pairs; values are Python literals, and whatever is none is text.

    Raises:
        InputError: A pair has no name or no value.
    """
    arguments = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not name or not equals or not value:
            raise zoo.InputError(f"--set needs name=value, such as latent_dim=8, but got {pair!r}.")
        try:
            arguments[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            arguments[name] = value
    return arguments


def print_json(value: Any) -> None:
    """Print JSON to standard output."""
    print(json.dumps(value, indent=2))


def stdout() -> Console:
    """Return a console on standard output."""
    return Console()


def _figures_table(figures: dict[str, float]) -> Table:
    table = Table("figure", "value", title="Test split")
    for name, value in figures.items():
        table.add_row(name, f"{value:.5f}" if isinstance(value, float) else str(value))
    return table


def _artefacts_table(artefacts: dict[str, dict[str, Any]]) -> Table:
    table = Table(
        "artefact", "bytes", "test_mse", "largest difference from Keras", title="Artefacts"
    )
    for name, entry in artefacts.items():
        difference = max(entry["max_difference"], entry["max_difference_batch_1"])
        table.add_row(name, f"{entry['bytes']:,}", f"{entry['test_mse']:.5f}", f"{difference:.1e}")
    return table


@contextlib.contextmanager
def frameworks() -> Iterator[None]:
    """Show that the frameworks are being loaded, which takes seconds."""
    with Console(stderr=True).status("Loading TensorFlow"):
        import keras  # noqa: F401

        logging.getLogger("absl").setLevel(logging.ERROR)
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        yield


def silence_native_logs() -> None:
    """Send what compiled code writes to standard error nowhere; Python's own messages stay.

    TensorFlow's libraries log from C++, some before any setting can reach them. Set
    TF_CPP_MIN_LOG_LEVEL to see them.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def main() -> None:
    """Run the command: exit status 0 good, 1 a gate missed, 2 bad input, 130 interrupted."""

    def interrupt(*_: Any) -> None:
        raise Interrupted

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    silence_native_logs()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    logger = logging.getLogger("recipes")
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.setLevel(logging.INFO)
    # TFDS gives the root logger a handler of its own, which would print everything twice.
    logger.propagate = False
    try:
        app()
    except zoo.InputError as error:
        console.print(str(error), style="red", markup=False)
        sys.exit(2)
    except GateError as error:
        console.print(str(error), style="red", markup=False)
        sys.exit(1)
    except Interrupted:
        console.print("Interrupted: nothing was written.", style="red")
        sys.exit(130)
