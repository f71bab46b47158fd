"""ECG5000 as a TFDS builder: 5000 heartbeats of one patient, 140 values each, in five classes."""

import gzip
import hashlib
import io
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from zoo.errors import InputError

URL = "https://www.timeseriesclassification.com/aeon-toolkit/ECG5000.zip"
STEPS = 140
# sha256 of each split's .ts file in the UCR archive, unpacked, with Unix line ends.
FILES = {
    "train": (
        "ECG5000_TRAIN.ts",
        "1935be5cc08203aa7c0de288fbceb48997d475f43ee610fa373fd6f4a0d66775",
    ),
    "test": (
        "ECG5000_TEST.ts",
        "2343d4f750e3b2b4b0f470d985afadc590dbc69695597db6bb4888ef01c015ce",
    ),
}


class Ecg5000(tfds.core.GeneratorBasedBuilder):
    """ECG5000 of the UCR archive, from a local folder or the archive's site.

    Args:
        source_dir: Folder with the archive's `.ts` or `.ts.gz` files; None downloads them.
    """

    VERSION = tfds.core.Version("1.0.0")

    def __init__(self, *, source_dir: Path | None = None, **kwargs):
        self.source_dir = source_dir
        super().__init__(**kwargs)

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=(
                "5000 heartbeats from record chf07 of the BIDMC Congestive Heart Failure Database, "
                "140 values each; class 1 is normal."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "signal": tfds.features.Tensor(shape=(STEPS, 1), dtype=np.float32),
                    "label": tfds.features.ClassLabel(names=["1", "2", "3", "4", "5"]),
                }
            ),
            disable_shuffling=True,
            homepage="https://www.timeseriesclassification.com/description.php?Dataset=ECG5000",
            citation=(
                "Dau et al., The UCR Time Series Archive, 2018, arXiv:1810.07758; "
                "Goldberger et al., PhysioBank, PhysioToolkit, and PhysioNet, Circulation 101, 2000"
            ),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        folder = self.source_dir or Path(dl_manager.download_and_extract(URL))
        return {split: self._generate_examples(folder, split) for split in FILES}

    def _generate_examples(self, folder: Path, split: str):
        rows = np.loadtxt(
            # A line is 140 values with commas between, a colon, and the class.
            (line.replace(":", ",") for line in io.StringIO(_read_checked(folder, split))),
            delimiter=",",
            comments=("#", "@"),
            dtype="float32",
        )
        for index, row in enumerate(rows):
            yield index, {"signal": row[:STEPS, None], "label": int(row[STEPS]) - 1}


def find_source(folder: Path) -> Path | None:
    """Return the folder, or its `ecg5000` subfolder, if it holds both of the archive's files."""
    for candidate in (folder, folder / "ecg5000"):
        if all(_path(candidate, split) for split in FILES):
            return candidate
    return None


def _path(folder: Path, split: str) -> Path | None:
    plain = folder / FILES[split][0]
    packed = plain.with_name(f"{plain.name}.gz")
    return next((path for path in (plain, packed) if path.is_file()), None)


def _read_checked(folder: Path, split: str) -> str:
    name, sha256 = FILES[split]
    path = _path(folder, split)
    if path is None:
        raise InputError(f"{name} is missing from {folder}.")
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise InputError(f"{path} cannot be read ({error}): fetch it again.") from None
    content = content.replace(b"\r\n", b"\n")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"{path} is not the UCR archive's file (sha256 differs): fetch it again.")
    return content.decode()
