"""Fixtures shared by the tests."""

import ast
import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
# The environment variable that names a folder with real data sets, see CONTRIBUTING.md.
TEST_DATA = "ZOO_TEST_DATA"


# Rooms whose tests take long. They start first, so that no worker is left with one in the end.
LONG = ("pipeline", "training", "cli", "packaging", "edge")
# Rooms whose files share a fixture that takes long to make: one worker runs all of them.
SHARING = ("pipeline", "edge")


def room_of(path: str | Path) -> str:
    """Return the folder of `tests` that holds a file, given by its path from the root."""
    return Path(path).parts[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the rooms with long tests come first; the order within a room stays."""
    rooms = {room: place for place, room in enumerate(LONG)}
    items.sort(key=lambda item: rooms.get(room_of(item.path.relative_to(ROOT)), len(LONG)))


class FilesAndRooms(LoadScopeScheduling):
    """Gives the tests of a file to one worker, and those of a room whose files share a fixture."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return room_of(file) if room_of(file) in SHARING else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesAndRooms:
    """Let pytest-xdist hand out tests by files and rooms."""
    return FilesAndRooms(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real data sets; tests that need it are skipped where no folder is named."""
    if TEST_DATA not in os.environ:
        pytest.skip(f"{TEST_DATA} names no folder with real data sets")
    folder = Path(os.environ[TEST_DATA])
    assert folder.is_dir(), f"{TEST_DATA} names {folder}, which is no folder"
    return folder


@pytest.fixture(scope="session")
def toycar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in the layout of `toycar`, with clips of noise: 12 to train, 2 and 1 to test on."""
    folder = tmp_path_factory.mktemp("dev_data")
    rng = np.random.default_rng(0)
    names = [f"train/normal_id_0{i % 2 + 1}_{i:08}" for i in range(12)]
    names += ["test/normal_id_01_00000000", "test/normal_id_02_00000000"]
    names += ["test/anomaly_id_01_00000000"]
    for name in names:
        path = folder / f"ToyCar/{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(path, rng.normal(0, 1000, 11 * 16_000).astype("int16"))
    return folder


@pytest.fixture
def rng() -> np.random.Generator:
    """A random generator with a fixed seed."""
    return np.random.default_rng(0)


def write_wav(path: Path, values: np.ndarray, channels=1, width=2, rate=16_000) -> None:
    """Write a WAV file of PCM, by default as the clips of `toycar` are, from their raw values."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(values.tobytes())


def run_python(code: str, *arguments: str, timeout: int = 240) -> Any:
    """Run code in a fresh Python and return the JSON that its last line prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def run_zoo(*arguments: object, timeout: int = 240, **options: Any) -> subprocess.CompletedProcess:
    """Run the command `zoo` as a user would, from another folder if `cwd` says so."""
    environment = {name: value for name, value in os.environ.items() if name != "TFDS_DATA_DIR"}
    options.setdefault("env", environment)
    return subprocess.run(
        [sys.executable, "-m", "zoo", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **options,
    )


def module_of(recipe: str) -> str:
    """Return the name of the file of the book that holds a recipe, without `.py`."""
    single = ROOT / "recipes" / f"{recipe}.py"
    return recipe if single.is_file() else "conv_fashion_mnist_classes"


def docstring_of(recipe: str) -> str:
    """Return what the book says of a recipe."""
    path = ROOT / "recipes" / f"{module_of(recipe)}.py"
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


@pytest.fixture
def in_this_process(monkeypatch):
    """Run what has a process of its own here, where TensorFlow is loaded already: seconds less."""
    from zoo.exporting import fresh_process

    def run(module, arguments, *, label, steps):
        with (
            monkeypatch.context() as patch,
            contextlib.redirect_stdout(io.StringIO()),
        ):
            patch.setattr(sys, "argv", [module, *map(str, arguments)])
            try:
                importlib.import_module(module).main()
            except SystemExit as stop:
                return 1, str(stop.code)
        return 0, ""

    monkeypatch.setattr(fresh_process, "run", run)
