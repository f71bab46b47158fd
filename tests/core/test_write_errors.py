"""Files that cannot be written."""

import errno
import os
import tempfile

import pytest
import tensorflow as tf

import zoo
from zoo.write_errors import writing


def test_what_the_system_or_tensorflow_refuses_to_write_is_one_sentence(tmp_path):
    missing = tmp_path / "missing" / "file"
    refused = r"written to out \(No such file or directory\): make it writable, or choose"
    with pytest.raises(zoo.InputError, match=refused), writing("out"):
        missing.write_text("")
    refused = r"written to out \(.*missing.*\): make it writable, or choose"
    with pytest.raises(zoo.InputError, match=refused), writing("out"):
        tf.io.gfile.GFile(str(missing), "w").write("")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("by", ["the system", "TensorFlow"])
def test_of_a_full_disk_it_says_so_and_where(number, by):
    text = os.strerror(number)
    error = OSError(number, text)
    if by == "TensorFlow":
        error = tf.errors.ResourceExhaustedError(None, None, f"/out/a; {text}")
    refused = rf"to /out \(.*{text}\): free space there, or choose"
    with pytest.raises(zoo.InputError, match=refused), writing("/out"):
        raise error
    with pytest.raises(zoo.InputError, match="set TMPDIR"), writing(tempfile.gettempdir()):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError(),
        tf.errors.InvalidArgumentError(None, None, "Incompatible shapes"),
        tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"),
        tf.errors.UnknownError(None, None, "JIT compilation failed"),
    ],
    ids=str,
)
def test_other_errors_stay_what_they_are(error):
    with pytest.raises(type(error)), writing("out"):
        raise error
