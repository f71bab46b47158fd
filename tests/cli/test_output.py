"""What reaches standard output and the terminal: only the command's own words."""

import io
import json
import sys
from pathlib import Path

import pytest
from conftest import run_zoo

from zoo.cli import streams, terminal

NOISY = """
import os
print("from Python")
os.write(1, b"from compiled code")
import zoo
RECIPE = zoo.Recipe(name="mine", model="dense", data="digits", epochs=1)
"""


@pytest.fixture
def noisy(tmp_path):
    path = tmp_path / "noisy.py"
    path.write_text(NOISY)
    return path


def test_what_others_print_does_not_reach_standard_output(noisy):
    done = run_zoo("show", noisy, "--json")
    assert json.loads(done.stdout)["name"] == "mine"
    assert "from Python" in done.stderr


@pytest.mark.parametrize("arguments", [["show"], ["train", "--epochs", "0"]])
def test_no_command_lets_prints_of_others_through(arguments, noisy, run_here, capsys):
    run_here(arguments[0], noisy, *arguments[1:], "--out" if "train" in arguments else "--json",
             *([noisy.parent] if "train" in arguments else []))  # fmt: skip
    assert "from Python" not in capsys.readouterr().out


@pytest.mark.parametrize("text", ["a[/x]b", "[bold]", ":smile:", "\x1b[31mred", "a\rb", "\udcff"])
def test_names_are_shown_as_they_are_and_steer_no_terminal(text, capsys):
    terminal.print_table(text, ("name", "value"), [(text, text)])
    shown = capsys.readouterr().out
    assert streams.printable(text) in shown
    assert "\x1b[31m" not in shown
    assert "\r" not in shown


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_a_terminal_of_any_encoding_shows_every_character(encoding, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding, errors=streams.SPELLING)
    monkeypatch.setattr(streams, "_own", stream)
    terminal.print_table("≥", ("figure", "value"), [("0.1 ± 0.2", "≤ 3 …"), ("漢", "é")])
    stream.flush()
    shown = stream.buffer.getvalue().decode(encoding)
    assert ("<= 3 ..." in shown) == (encoding != "utf-8")


def test_a_table_that_is_too_wide_becomes_lines(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    terminal.print_table(None, ("a", "b", "c"), [("x" * 30, "1" * 30, "word")])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 40
    assert f"  b: {'1' * 30}" in shown


@pytest.mark.parametrize("columns", [40, 80, 120, 300])
def test_the_table_of_results_fits_the_terminal(columns, run_here, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    folder = Path(__file__).parents[2] / "saved_models"
    assert run_here("results", folder) == 0
    printed = capsys.readouterr()
    assert max(map(len, printed.out.splitlines())) <= columns
    assert "dense_digits" in printed.out
    assert ("too narrow for" in printed.err) == (columns < 300)


@pytest.mark.parametrize(
    ("level", "silent"), [(None, True), ("3", True), ("2", True), ("0", False)]
)
def test_native_logs_are_silent_unless_everything_is_asked_for(level, silent, monkeypatch):
    closed = []
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    if level:
        monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", level)
    monkeypatch.setattr(streams.os, "dup2", lambda *files: closed.append(files))
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    streams.silence_native_logs()
    if silent:
        sys.stderr.close()
    assert bool(closed) == silent


@pytest.mark.parametrize("error", [KeyError("x"), EOFError("end"), RecursionError("deep")])
def test_an_unexpected_error_leaves_its_traceback_in_a_file(
    error, run_here, capsys, monkeypatch, tmp_path
):
    def fail(_):
        raise error

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("zoo.results.result.read_results", fail)
    assert run_here("results", tmp_path) == 70
    (file,) = tmp_path.iterdir()
    printed = capsys.readouterr()
    assert str(file) in printed.err
    assert "Traceback" not in printed.err
    assert "Traceback" in file.read_text()
    assert type(error).__name__ in file.read_text()


def test_debug_shows_the_traceback(run_here, capsys):
    assert run_here("--debug", "show", "vea") == 2
    assert "Traceback" in capsys.readouterr().err
