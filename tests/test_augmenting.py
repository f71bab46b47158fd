"""What training sees of its samples."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from recipes import augmenting, batching, book, stepping

RECIPE = book.get("dense_digits")


def draw(changes, batch, seed=0):
    drawing = augmenting.drawing(replace(RECIPE, **changes), batch.shape[1:], seed)
    assert drawing is not None
    return [drawing(tf.constant(batch)).numpy() for _ in range(2)]


@pytest.fixture
def images(rng):
    return rng.random((200, 5, 4, 2)).astype("float32")


def test_without_a_wish_samples_stay_as_they_are():
    assert augmenting.drawing(RECIPE, (8, 8, 1), 0) is None


def test_each_image_is_shifted_by_whole_pixels_and_zeros_come_in(images):
    first, second = draw({"shift": 1}, images)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    seen = set()
    for image, shifted in zip(padded, first, strict=True):
        (place,) = [
            (down, right)
            for down in range(3)
            for right in range(3)
            if (image[down : down + 5, right : right + 4] == shifted).all()
        ]
        seen.add(place)
    assert len(seen) == 9
    assert not (first == second).all()


def test_about_half_of_the_images_are_mirrored(images):
    first, second = draw({"flip": True}, images)
    mirrored = (first == images[:, :, ::-1]).all(axis=(1, 2, 3))
    same = (first == images).all(axis=(1, 2, 3))
    assert (mirrored ^ same).all()
    assert 70 < mirrored.sum() < 130
    assert not (first == second).all()


def test_values_are_the_probability_of_one():
    grey = np.full((400, 2, 2, 1), 0.25, "float32")
    grey[:, 0, 0], grey[:, 1, 1] = 0, 1
    first, second = draw({"binarize": True}, grey)
    assert set(np.unique(first)) == {0, 1}
    assert first[:, 0, 0].max() == 0
    assert first[:, 1, 1].min() == 1
    assert 0.2 < first[:, 0, 1].mean() < 0.3
    assert not (first == second).all()


def test_only_images_are_shifted():
    with pytest.raises(zoo.InputError, match=r"Only images .* shape \(140, 1\): set shift=0"):
        augmenting.drawing(replace(RECIPE, shift=1), (140, 1), 0)


@pytest.mark.parametrize("xla", [False, True])
def test_training_sees_what_is_drawn(xla):
    model = zoo.get("dense", input_shape=(4, 4, 1), latent_dim=2, hidden=())
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mse"])
    ones = np.ones((8, 4, 4, 1), "float32")
    # With weights that stay as they are, the loss tells what was seen: here nothing but zeros.
    model.decoder.layers[-2].set_weights([np.zeros((2, 16)), np.full(16, -100.0)])
    data = stepping.prepare_training(model, ones, 4, 0, xla=xla, draw=lambda batch: 0 * batch)
    history = model.fit(data, epochs=1, shuffle=False, verbose=0).history
    assert history["mse"] == pytest.approx([0], abs=1e-6)


def test_replicas_see_what_is_drawn(images):
    drawing = augmenting.drawing(replace(RECIPE, binarize=True), (5, 4, 2), 0)
    for x, y in batching.batches(images, 50, 2, seed=0, draw=drawing):
        assert set(np.unique(x)) == {0, 1}
        np.testing.assert_array_equal(x, y)
