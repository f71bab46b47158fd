"""The command `zoo`."""

from zoo.cli.main import main, run

__all__ = ["main", "run"]
