"""The command `zoo`: its subcommands, and what becomes of an error or an interruption."""

import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

import zoo
from zoo.cli import (
    export_commands,
    list_commands,
    results_command,
    train_commands,
    verify_command,
)
from zoo.cli.terminal import silence_native_logs

if TYPE_CHECKING:
    from zoo.recipe import Recipe

logger = logging.getLogger("zoo")

app = typer.Typer(
    name="zoo",
    help="Autoencoders by name: trained, exported, verified.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("list")(list_commands.list_)
app.command()(list_commands.show)
app.command("train")(train_commands.make_command())
app.command()(train_commands.reproduce)
app.command()(verify_command.verify)
app.command()(export_commands.export)
app.command()(export_commands.inspect)
app.command()(results_command.results)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"zoo {zoo.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


class Interrupted(BaseException):
    """The user, or the system, asked the program to stop."""


def main() -> None:
    """Run the command: exit status 0 good, 1 a gate missed, 2 bad input, 130 interrupted."""
    _guard(app)


def run(*recipes: "Recipe") -> None:
    """Train recipes with the options of `zoo train` on the command line; recipe files end with it.

    Args:
        recipes: What is trained, one after the other.
    """
    command = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    command.command()(train_commands.make_command(*recipes))
    _guard(command)


def _guard(command: typer.Typer) -> None:
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
        command()
    except BaseException as error:
        # Compiled code that is interrupted fails with errors of its own.
        if signals:
            message, status = "Interrupted: no file was written.", 130
        elif isinstance(error, zoo.InputError):
            message, status = str(error), 2
        elif isinstance(error, OSError):
            # Only what no stage expects: such as a full folder for temporary files.
            message, status = f"The system refused ({error}).", 2
        elif isinstance(error, zoo.GateError):
            message, status = str(error), 1
        else:
            raise
        console.print(message, style="red", markup=False)
        if signals:
            # Compiled code may still run in threads, and crash in an orderly exit.
            sys.stdout.flush()
            os._exit(status)
        sys.exit(status)
