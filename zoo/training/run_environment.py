"""The versions, the hardware and the commit that a result comes from."""

import importlib.metadata
import platform
import subprocess
from pathlib import Path
from typing import Any

import tensorflow as tf

import zoo

PACKAGES = (
    "autoencoder-zoo",
    "tensorflow",
    "keras",
    "ai-edge-litert",
    "tensorflow-datasets",
    "numpy",
    "scikit-learn",
)


def environment() -> dict[str, Any]:
    """Return what a result comes from.

    Returns:
        `versions`, the version of Python and of each of `PACKAGES`; `hardware`, the `cpu` and the
        list of `gpus`; and, where the package lies in a checkout of its repository, the `commit`.
    """
    gpus = [
        tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    found: dict[str, Any] = {
        "versions": {"python": platform.python_version(), **versions},
        "hardware": {"cpu": _cpu(), "gpus": gpus},
    }
    commit = commit_of(Path(zoo.__file__).parent.parent)
    return found if commit is None else {**found, "commit": commit}


def commit_of(checkout: Path) -> str | None:
    """Return the commit that a folder is a checkout of; None where it is none or git is missing."""
    # An installed package may lie inside the repository of something else.
    if not (checkout / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(checkout), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else platform.machine()
