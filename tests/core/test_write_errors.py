"""Files that cannot be written."""

import pytest
import tensorflow as tf

import zoo
from zoo.write_errors import writing


def test_what_the_system_or_tensorflow_refuses_to_write_is_one_sentence(tmp_path):
    missing = tmp_path / "missing" / "file"
    refused = r"written to out \(No such file or directory\): free"
    with pytest.raises(zoo.InputError, match=refused), writing("out"):
        missing.write_text("")
    refused = r"written to out \(.*missing.*\): free"
    with pytest.raises(zoo.InputError, match=refused), writing("out"):
        tf.io.gfile.GFile(str(missing), "w").write("")


def test_other_errors_stay_what_they_are():
    with pytest.raises(ZeroDivisionError), writing("out"):
        _ = 1 / 0
