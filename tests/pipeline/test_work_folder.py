"""The folder for work: one process at a time, and what outlives one that ended."""

import json
import signal
import subprocess
import sys

import pytest

import zoo
from zoo.pipeline import work_folder
from zoo.pipeline.output_folder import replace_target
from zoo.pipeline.work_folder import EARLIER, LOCK, NEW, SCRATCH, place_of, seeds_of, work_beside

# Works on a target until it is killed; it never imports a framework.
HOLDS = """
import sys, time
from pathlib import Path
from zoo.pipeline.work_folder import work_beside
with work_beside(Path(sys.argv[1])) as work:
    (work / "new/half").write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "result.json").write_text("{}")
    return folder


@pytest.fixture
def other(target):
    """A process that works on the target."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, target], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_refused_at_once_and_harms_nothing(target, other):
    with pytest.raises(zoo.InputError, match="Another process is writing"), work_beside(target):
        raise AssertionError
    assert (place_of(target) / NEW / "half").is_file()
    # Another target beside it is free.
    with work_beside(target.with_name("other")):
        pass


def test_what_a_killed_process_left_is_swept_by_the_next(target, other):
    other.kill()
    other.wait()
    assert (place_of(target) / NEW / "half").is_file()
    with work_beside(target) as work:
        assert {path.name for path in work.iterdir()} == {LOCK, NEW, SCRATCH}
        assert list((work / NEW).iterdir()) == []
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [KeyboardInterrupt, zoo.InputError, OSError])
def test_only_seeds_outlive_a_run(target, error):
    def run(fails):
        with work_beside(target) as work:
            (seeds_of(work, {"epochs": 1}) / "seed_0").mkdir(parents=True, exist_ok=True)
            (seeds_of(work, {"epochs": 3}) / ".seed_0").mkdir(parents=True)
            (work / SCRATCH / "large").write_text("")
            if fails:
                raise error

    with pytest.raises(error):
        run(fails=True)
    run(fails=False)
    with work_beside(target) as work:
        seeds = seeds_of(work, {"epochs": 1})
        # One that was written in part is worth nothing.
        assert {path.name for path in work.iterdir()} == {LOCK, NEW, SCRATCH, seeds.name}
        assert seeds.name != seeds_of(work, {"epochs": 2}).name
        (seeds / "seed_0").rmdir()
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("at", ["the first rename", "the second rename", "a kill"])
def test_earlier_files_are_not_lost_between_the_two_renames(target, monkeypatch, at):
    before = (target / "result.json").read_text()
    rename, calls = type(target).rename, []

    def replace_by(content, prepare):
        with work_beside(target) as work:
            (work / NEW / "result.json").write_text(content)
            prepare()
            replace_target(target, work)

    def interrupted(path, to):
        calls.append(path)
        if at == "the second rename" and len(calls) == 2:
            raise KeyboardInterrupt
        done = rename(path, to)
        if at == "the first rename" and len(calls) == 1:
            raise KeyboardInterrupt
        return done

    if at == "a kill":
        # What it leaves behind, without a process that could put it right.
        place_of(target).mkdir()
        target.rename(place_of(target) / EARLIER)
        with work_beside(target):
            pass
    else:
        with pytest.raises(KeyboardInterrupt):
            replace_by("new", lambda: monkeypatch.setattr(type(target), "rename", interrupted))
    assert (target / "result.json").read_text() == before
    assert list(target.parent.iterdir()) == [target]


def test_new_files_take_the_place_of_the_target(target):
    for content in ("first", "second"):
        with work_beside(target) as work:
            (work / NEW / "result.json").write_text(content)
            replace_target(target, work)
        assert (target / "result.json").read_text() == content
        assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [zoo.InputError("lost"), zoo.GateError("mine", ["lost"])])
def test_a_check_blames_no_file_while_the_folder_is_replaced(target, error):
    def check(folder, change=None):
        if change:
            change()
        raise error

    checked = work_folder.undisturbed(check)
    with pytest.raises(type(error), match="lost"):
        checked(target)

    def replaced():
        (target / "new.json").write_text(json.dumps({}))
        (target / "new.json").rename(target / "result.json")

    with pytest.raises(zoo.InputError, match="or has just done so: check it again"):
        checked(target, change=replaced)
    with work_beside(target), pytest.raises(zoo.InputError, match="Another process is writing"):
        checked(target)


def test_signals_that_end_a_process_free_its_lock(target, other):
    other.send_signal(signal.SIGHUP)
    other.wait()
    with work_beside(target):
        pass
