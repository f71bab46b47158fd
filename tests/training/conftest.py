"""Fixtures of the tests of training."""

import pytest

from zoo import data


@pytest.fixture(scope="session")
def digits():
    return data.load("digits", max_samples=256)
