"""Interruptions and full disks leave nothing behind."""

import importlib
import os
import resource
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT, run_zoo


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    def no_file_over_20_kilobytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = run_zoo(
        "train", "dense_digits", "--smoke", "--out", tmp_path, preexec_fn=no_file_over_20_kilobytes
    )
    assert done.returncode == 2, done.stderr
    assert f"Nothing can be written to {tmp_path}" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_in_the_middle_leaves_nothing_behind(tmp_path, stop):
    command = [sys.executable, "-m", "zoo", "train", "dense_digits", "--epochs", "100000"]
    process = subprocess.Popen(
        [*command, "--out", tmp_path], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stderr
        assert "Training" in process.stderr.readline()
        time.sleep(1)  # into training
        assert [path.name.startswith(".") for path in tmp_path.iterdir()] == [True]
        process.send_signal(stop)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()  # or a failing test would leave it training
    assert (process.returncode, errors) == (130, "Interrupted: no file was written.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("ignored", [False, True])
def test_a_signal_ends_the_command_in_order_but_nohup_is_heeded(
    number, ignored, run_here, monkeypatch
):
    def command():
        os.kill(os.getpid(), number)
        sys.exit(0)

    monkeypatch.setattr(importlib.import_module("zoo.cli.main"), "app", command)
    # Pytest would end with it.
    monkeypatch.setattr(os, "_exit", sys.exit)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else lambda *_: None)
    try:
        heeded = ignored and number == signal.SIGHUP
        assert run_here() == (0 if heeded else 130)
    finally:
        signal.signal(signal.SIGHUP, before)
