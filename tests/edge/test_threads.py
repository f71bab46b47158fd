"""Several threads on one exported file: each gets what it would get alone."""

import concurrent.futures
import sys

import keras
import numpy as np
import pytest
from edge.device_files import CASES, SHAPE

import zoo

THREADS = 4
CALLS = 60


@pytest.fixture(autouse=True)
def frequent_turns():
    """Let threads take turns after every few lines of Python."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def assert_threads_agree_with_one(model, methods, batches):
    """Call methods from several threads at once, and compare each result with that of one thread.

    Args:
        model: An exported file.
        methods: Names of its methods that take samples.
        batches: Samples, all different, one batch for each call.
    """
    calls = [(name, batch) for batch in batches for name in methods]
    alone = [getattr(model, name)(batch) for name, batch in calls]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda call: getattr(model, call[0])(call[1]), calls))
    for call, found, expected in zip(calls, together, alone, strict=True):
        np.testing.assert_array_equal(found, expected, err_msg=call[0])


def batches_of(shape, rng):
    return rng.random((CALLS, 5, *shape), dtype="float32")


@pytest.mark.parametrize("case", CASES)
def test_threads_share_a_file_and_get_what_one_thread_gets(case, exported, rng):
    model = zoo.edge.load(exported[case])
    assert_threads_agree_with_one(model, ("score", "reconstruct", "encode"), batches_of(SHAPE, rng))


def test_threads_share_a_file_of_another_program(tmp_path, rng):
    plain = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64)])
    plain.export(tmp_path / "plain.tflite", format="litert", verbose=False)
    model = zoo.edge.load(tmp_path / "plain.tflite", foreign=True)
    assert_threads_agree_with_one(model, ("score", "reconstruct"), batches_of((64,), rng))
