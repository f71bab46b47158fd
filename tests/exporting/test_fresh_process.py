"""Running a program in a new Python: its status, its last error, and its progress."""

import io
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

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


def test_a_path_is_absolute_so_that_no_dash_is_an_option(program, caplog, monkeypatch):
    seen = []
    monkeypatch.setattr(fresh_process, "progress", lambda lines, *_: seen.extend(lines) or seen)
    fresh_process.run(program, [Path("-a[b] c"), "-d"], label="Running", steps=2)
    assert seen == [f"{Path.cwd()}/-a[b] c\n", "-d\n"]


PARENT = """
import sys
from zoo.exporting import fresh_process
fresh_process.progress = lambda lines, *_: (print(line, end="", flush=True) for line in lines)
fresh_process.run("child", [], label="", steps=1)
"""
CHILD = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)"


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_with_the_process_that_started_it(end, tmp_path):
    (tmp_path / "child.py").write_text(CHILD)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.send_signal(end)
    parent.wait()
    for _ in range(200):
        if not running(child):
            break
        time.sleep(0.05)
    parent.stdout.close()
    assert not running(child)


def running(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
