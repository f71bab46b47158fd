"""Folders beside the target: what outlives an interruption."""

import pytest

import zoo
from zoo.pipeline.output_folder import unfinished_beside


def test_what_is_unfinished_outlives_an_interruption_but_no_bad_input(tmp_path):
    def leave(task, error):
        with unfinished_beside(tmp_path / "dense_digits", task) as folder:
            folder.mkdir(exist_ok=True)
            if error:
                raise error

    with pytest.raises(KeyboardInterrupt):
        leave({"epochs": 1}, KeyboardInterrupt())
    (kept,) = tmp_path.iterdir()
    # Another task has a folder of its own, and a task that is done has none.
    leave({"epochs": 2}, None)
    assert list(tmp_path.iterdir()) == [kept]
    with pytest.raises(zoo.InputError):
        leave({"epochs": 1}, zoo.InputError("No."))
    assert list(tmp_path.iterdir()) == []
