"""ToyADMOS's toy cars as windows of log-mel energies, from a folder of the user's own.

The folder has the layout of DCASE 2020 Challenge Task 2: `ToyCar/train/normal_id_*.wav`,
`ToyCar/test/normal_id_*.wav` and, not read here, `ToyCar/test/anomaly_id_*.wav`. The licence of the
data is between their publisher and the user: nothing here fetches them.

Reference:
    Koizumi et al., ToyADMOS, WASPAA 2019, arXiv:1908.03299.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.data.dataset import Dataset
from zoo.data.splitting import VALIDATION_SHARE, cut
from zoo.edge import log_mel
from zoo.errors import InputError
from zoo.progress import progress

NAME = "toycar"


def read(folder: Path, max_samples: int | None) -> Dataset:
    """Return the windows of the normal clips.

    Args:
        folder: Folder that holds `ToyCar`, or `ToyCar` itself.
        max_samples: Keep at most so many of the first windows of each split; None keeps all.

    Raises:
        InputError: Clips are missing, damaged, too short, or of another format.
    """
    clips, test_clips = find_clips(folder)
    # Validation gets whole clips, as the windows of one clip overlap.
    splits = [*(list(part) for part in cut(np.array(clips), VALIDATION_SHARE)), test_clips]
    train, validation, test = (read_windows(part, max_samples) for part in splits)
    return Dataset(
        NAME,
        describe(clips, test_clips),
        (-math.inf, math.inf),
        "log-mel energies in decibels: five frames of 128 bands",
        train,
        validation,
        test,
    )


def find_clips(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the normal clips of the training and of the test split, sorted by name.

    Args:
        folder: Folder that holds `ToyCar`, or `ToyCar` itself.

    Raises:
        InputError: No such folder, fewer than two training clips (one is for validation), or no
            test clip.
    """
    root = folder / "ToyCar" if (folder / "ToyCar").is_dir() else folder
    train, test = (sorted((root / split).glob("normal_id_*.wav")) for split in ("train", "test"))
    if len(train) < 2 or not test:
        raise InputError(
            f"{root} holds {len(train)} clips train/normal_id_*.wav and {len(test)} "
            "test/normal_id_*.wav, but toycar needs two and one: it cannot be downloaded here, so "
            "get ToyCar of DCASE 2020 Challenge Task 2 from its publisher and point --data-dir "
            "(data_dir=) to the folder that holds ToyCar."
        )
    return train, test


def describe(train: Sequence[Path], test: Sequence[Path]) -> str:
    """Return the machines and the number of clips of each split; the data have no version."""
    machines = sorted({clip.stem.split("_")[2] for clip in [*train, *test]})
    return f"machines {', '.join(machines)}: {len(train)} clips to train and {len(test)} to test on"


def read_windows(clips: Sequence[Path], limit: int | None = None) -> np.ndarray:
    """Return the windows of clips, one clip's after another's: `(windows, 640)`, in decibels.

    Args:
        clips: WAV files, see `zoo.log_mel.read_wav`.
        limit: Return only the first so many windows, and read no more clips than hold them.

    Raises:
        InputError: A clip is damaged, too short, or of another format; the message names it.
    """
    per_clip = len(log_mel.FRAMES) - log_mel.WINDOW + 1
    if limit:
        clips = clips[: -(-limit // per_clip)]
    # One array filled in place: a list of windows would need the memory twice.
    windows = np.empty((len(clips), per_clip, log_mel.WINDOW * log_mel.BANDS), "float32")
    for i, clip in enumerate(progress(clips, len(clips), f"Reading {NAME}")):
        samples = log_mel.read_wav(clip)
        try:
            windows[i] = log_mel.windows(samples)
        except InputError as error:
            raise InputError(f"{clip}: {error}") from None
    return windows.reshape(-1, windows.shape[-1])[:limit]
