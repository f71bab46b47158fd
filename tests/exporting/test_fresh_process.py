"""Running a program in a new Python: its status, its last error, and its progress."""

import io
import logging
import sys

import pytest

from zoo import progress
from zoo.exporting import fresh_process

PROGRAM = """
import sys
for argument in sys.argv[1:]:
    print(argument, flush=True)
sys.exit("the last line")
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A module that prints its arguments, one a line, and fails."""
    (tmp_path / "three_steps.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "three_steps"


def test_status_and_last_line_come_back(program):
    assert fresh_process.run(program, ["a", 2], label="Running", steps=2) == (1, "the last line")


def test_without_a_terminal_progress_is_logged_now_and_then(program, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "zoo")
    monkeypatch.setattr(progress, "LOG_INTERVAL", 0)
    fresh_process.run(program, [1, 2, 3], label="Running", steps=3)
    assert caplog.messages == [f"Running: {done} of 3 done" for done in (1, 2, 3)]
    # The usual interval is longer than this program runs.
    caplog.clear()
    monkeypatch.setattr(progress, "LOG_INTERVAL", 1e6)
    fresh_process.run(program, [1, 2, 3], label="Running", steps=3)
    assert caplog.messages == []


def test_a_terminal_shows_a_bar_and_no_lines(program, monkeypatch, caplog):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    caplog.set_level(logging.INFO, "zoo")
    monkeypatch.setattr(progress, "LOG_INTERVAL", 0)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    fresh_process.run(program, [1, 2, 3], label="Running", steps=3)
    assert caplog.messages == []
    assert "Running: " in terminal.getvalue()
