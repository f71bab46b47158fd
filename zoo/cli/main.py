"""The command `zoo`: its subcommands, and what becomes of an error or an interruption."""

import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

import zoo
from zoo.cli import (
    export_commands,
    list_commands,
    results_command,
    train_commands,
    verify_command,
)
from zoo.cli.streams import own_output, own_output_only, printable, silence_native_logs
from zoo.cli.unexpected import FAULT, Command, report

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
app.command("list", cls=Command)(list_commands.list_)
app.command(cls=Command)(list_commands.show)
app.command("train", cls=Command)(train_commands.make_command())
app.command(cls=Command)(train_commands.reproduce)
app.command(cls=Command)(verify_command.verify)
app.command(cls=Command)(export_commands.export)
app.command(cls=Command)(export_commands.inspect)
app.command(cls=Command)(results_command.results)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"zoo {zoo.__version__}", file=own_output())
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show the traceback of an error, for `zoo` to be mended."),
    ] = False,
) -> None:
    if debug:
        logger.setLevel(logging.DEBUG)


class Interrupted(BaseException):
    """The user, or the system, asked the program to stop."""


def main() -> None:
    """Run the command.

    Exit status: 0 good, 1 a gate missed, 2 bad input, 70 a fault of the program, 130 interrupted.
    """
    _guard(app)


def run(*recipes: "Recipe") -> None:
    """Train recipes with the options of `zoo train` on the command line; recipe files end with it.

    Args:
        recipes: What is trained, one after the other.
    """
    command = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    command.command(cls=Command)(train_commands.make_command(*recipes))
    _guard(command)


def _guard(command: typer.Typer) -> None:
    signals = []

    def interrupt(number: int, _: Any) -> None:
        signals.append(number)
        raise Interrupted

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    # What a terminal sends when it is closed, unless `nohup` was asked to ignore that.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, interrupt)
    silence_native_logs()
    handler = logging.StreamHandler(sys.stderr)
    handler.format = lambda record: printable(logging.Formatter().format(record))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    # TFDS gives the root logger a handler of its own, which would print everything twice.
    logger.propagate = False
    with own_output_only():
        try:
            command()
        except BaseException as error:
            if isinstance(error, SystemExit):
                raise
            message, status = _outcome(error, bool(signals))
            logger.debug("", exc_info=error)
            console = Console(stderr=True, highlight=False, soft_wrap=True)
            console.print(Text(printable(message)), style="red")
            if signals:
                # Compiled code may still run in threads, and crash in an orderly exit.
                own_output().flush()
                os._exit(status)
            sys.exit(status)


def _outcome(error: BaseException, interrupted: bool) -> tuple[str, int]:
    """Return what is said of an error, and the exit status."""
    # Compiled code that is interrupted fails with errors of its own.
    if interrupted:
        return "Interrupted: no file was written.", 130
    if isinstance(error, zoo.InputError):
        return str(error), 2
    if isinstance(error, zoo.GateError):
        return str(error), 1
    if isinstance(error, OSError) and error.strerror:
        # What no stage expects, such as a full folder for temporary files.
        place = f" {error.filename!r}" if error.filename else ""
        return f"The system refused access to a file{place}: {error.strerror}.", 2
    return report(error), FAULT
