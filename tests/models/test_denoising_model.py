"""`denoising`: what it refuses."""

import pytest

import zoo


def test_a_share_above_one_is_refused():
    with pytest.raises(zoo.InputError, match="strength must lie between 0 and 1"):
        zoo.get("denoising", corruption="masking", strength=1.5)
