"""Where a result comes from."""

import subprocess

from zoo.training import run_environment
from zoo.training.run_environment import commit_of


def git(folder, *arguments):
    settings = ["-c", "user.name=zoo", "-c", "user.email=zoo@example.org"]
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_that_of_the_checkout_itself(tmp_path, monkeypatch):
    git(tmp_path, "init")
    # Nothing is committed yet.
    assert commit_of(tmp_path) is None
    git(tmp_path, "commit", "--allow-empty", "--message", "first")
    assert commit_of(tmp_path) == git(tmp_path, "rev-parse", "HEAD")
    inside = tmp_path / "site-packages"
    inside.mkdir()
    assert commit_of(inside) is None
    monkeypatch.setenv("PATH", "")
    assert commit_of(tmp_path) is None


def test_versions_and_hardware_are_there_and_the_commit_where_there_is_one(monkeypatch):
    monkeypatch.setattr(run_environment, "commit_of", lambda checkout: None)
    found = run_environment.environment()
    assert set(found) == {"versions", "hardware"}
    assert {"python", *run_environment.PACKAGES} == set(found["versions"])
    assert set(found["hardware"]) == {"cpu", "gpus"}
    monkeypatch.setattr(run_environment, "commit_of", lambda checkout: "abc")
    assert run_environment.environment() == {**found, "commit": "abc"}
