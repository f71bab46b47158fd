"""What training makes of its samples."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo import recipe_book
from zoo.training import augmenting, batching, compiled_steps

RECIPE = recipe_book.get("dense_digits")


def draw_pairs(changes, batch, seed=0):
    drawing = augmenting.drawing(replace(RECIPE, **changes), seed)
    assert drawing is not None
    return [[side.numpy() for side in drawing(tf.constant(batch))] for _ in range(2)]


def draw(changes, batch):
    pairs = draw_pairs(changes, batch)
    for seen, wanted in pairs:
        np.testing.assert_array_equal(seen, wanted)
    return [seen for seen, _ in pairs]


@pytest.fixture
def images(rng):
    return rng.random((200, 5, 4, 2)).astype("float32")


def test_without_a_wish_samples_stay_as_they_are():
    assert augmenting.drawing(RECIPE, 0) is None


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


def test_noise_is_seen_but_not_to_be_given_back(images):
    (seen, wanted), (seen_again, wanted_again) = draw_pairs({"noise": 0.3}, images)
    np.testing.assert_array_equal(wanted, images)
    np.testing.assert_array_equal(wanted_again, images)
    noise = seen - images
    assert noise.mean() == pytest.approx(0, abs=0.02)
    assert noise.std() == pytest.approx(0.3, abs=0.02)
    assert not (seen == seen_again).all()
    (seen, wanted), _ = draw_pairs({"noise": 0.3, "flip": True}, images)
    mirrored = (wanted == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert 70 < mirrored.sum() < 130
    assert (seen - wanted).std() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize("name", ["dense", "lstm"])
def test_training_sees_what_is_drawn(name, xla):
    model = zoo.get(name, input_shape=(4, 4))
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mse"])
    ones = np.ones((8, 4, 4), "float32")
    # With weights that stay as they are, the loss tells what was seen and what was wanted.
    expected = np.square(model.predict(2 * ones, verbose=0) - 3).mean()
    data = compiled_steps.prepare_training(
        model, ones, 4, 0, xla=xla, draw=lambda batch: (2 * batch, 3 * batch)
    )
    history = model.fit(data, epochs=1, shuffle=False, verbose=0).history
    assert history["mse"] == pytest.approx([expected], rel=1e-5)
    assert history["loss"] == pytest.approx([expected], rel=1e-5)


def test_replicas_see_what_is_drawn(images):
    drawing = augmenting.drawing(replace(RECIPE, binarize=True, noise=0.3), 0)
    for x, y in batching.batches(images, 50, 2, seed=0, draw=drawing):
        assert set(np.unique(y)) == {0, 1}
        assert (x.numpy() - y.numpy()).std() == pytest.approx(0.3, abs=0.02)
