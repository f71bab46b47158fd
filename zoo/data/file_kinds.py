"""Files that are no `.npy` file: what each kind is, and how to make one of it."""

import re
from pathlib import Path

from zoo.errors import InputError

# How samples are read, `x`, by the end of a file's name; FILE stands for its path.
READ_BY = {
    ".npz": "x = np.load(FILE)[NAME]",
    ".csv": "x = pandas.read_csv(FILE).to_numpy('float32')",
    ".tsv": "x = pandas.read_csv(FILE, sep='\\t').to_numpy('float32')",
    ".txt": "x = np.loadtxt(FILE, 'float32')",
    ".parquet": "x = pandas.read_parquet(FILE).to_numpy('float32')",
    ".xlsx": "x = pandas.read_excel(FILE).to_numpy('float32')",
    ".h5": "x = h5py.File(FILE)[NAME][:]",
    ".hdf5": "x = h5py.File(FILE)[NAME][:]",
    ".mat": "x = scipy.io.loadmat(FILE)[NAME]",
}


def is_npy(name: str) -> bool:
    """Return whether data are in a `.npy` file, by their name."""
    return name.lower().endswith(".npy")


def suffix_of(name: str) -> str:
    """Return the end of a file's name, such as `.npy`, in lower case; empty for the name of a set.

    Names of TFDS may end in a version, such as mnist:3.0.1.
    """
    suffix = Path(name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z]\w*", suffix) else ""


def refuse_paths(name: str) -> None:
    """Raise InputError if a name of data is the path of a file or of a folder."""
    path = Path(name).expanduser()
    suffix = suffix_of(name)
    if name.startswith(("/", "./", "../", "~")) and path.is_dir():
        raise InputError(
            f"The data {name!r} are a folder: put its samples into one array x of shape (samples, "
            "*sample_shape), write it with np.save('samples.npy', x), and name that file; a folder "
            "of prepared sets is for --data-dir (data_dir=)."
        )
    if not suffix and not path.is_file():
        return
    missing = "" if path.exists() else ", and there is no such file"
    how = READ_BY.get(suffix, "read them into one array x").replace("FILE", repr(name))
    raise InputError(
        f"The data {name!r} are no .npy file{missing}: {how}, np.save('samples.npy', x), and name "
        "samples.npy; x has the shape (samples, *sample_shape)."
    )
