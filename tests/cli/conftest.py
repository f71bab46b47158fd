"""Fixtures of the command's tests."""

import logging
import signal
import sys

import pytest
from conftest import run_zoo

from zoo import cli


@pytest.fixture
def run_here(monkeypatch):
    """A function that runs the command in this process, which has TensorFlow loaded already.

    It takes the arguments and returns the exit status.
    """

    def run(*arguments):
        # It leaves the process's standard error where it is.
        monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
        logger = logging.getLogger("zoo")
        monkeypatch.setattr(logger, "handlers", [])
        monkeypatch.setattr(logger, "propagate", False)
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            with pytest.raises(SystemExit) as stop:
                cli.main()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        return stop.value.code

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder in which a smoke run was trained, and what the process that did so printed."""
    out = tmp_path_factory.mktemp("elsewhere")
    return out, run_zoo("train", "DENSE_digits", "--smoke", "--json", cwd=out)
