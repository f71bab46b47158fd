"""`conv`: sizes of images and of the code."""

import pytest

import zoo


@pytest.mark.parametrize("sides", [(1, 1), (5, 8), (9, 13), (28, 28), (33, 31)])
def test_conv_gives_back_every_size(sides):
    model = zoo.get("conv", input_shape=(*sides, 3), latent_dim=2, filters=(4, 4, 4))
    assert model.output_shape == (None, *sides, 3)


def test_conv_refuses_a_code_that_is_no_bottleneck_and_inputs_that_are_no_images():
    with pytest.raises(zoo.InputError, match="smaller than the 64 values"):
        zoo.get("conv", input_shape=(8, 8, 1), latent_dim=64)
    with pytest.raises(zoo.InputError, match=r"\(height, width, channels\)"):
        zoo.get("conv", input_shape=(140, 1))
