"""`lstm`: the order of steps, rows and frames."""

import keras
import numpy as np
import pytest

import zoo
from zoo.layers import LSTM


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_lstm_decodes_from_the_end_to_the_start():
    model = zoo.get("lstm", input_shape=(6, 2), latent_dim=3, units=4)
    decoder = model.decoder
    code = np.ones((1, 3), "float32")
    recurrent = next(layer for layer in decoder.layers if isinstance(layer, LSTM))
    dense = next(layer for layer in decoder.layers if isinstance(layer, keras.layers.Dense))
    states = recurrent(np.repeat(code[:, None], 6, axis=1))
    forwards = to_numpy(dense(states))
    np.testing.assert_allclose(to_numpy(decoder(code)), forwards[:, ::-1], atol=1e-6)


def test_the_decoder_alone_says_that_its_input_is_the_same_at_each_step():
    model = zoo.get("lstm")
    recurrent = [
        layer
        for part in (model.encoder, model.decoder)
        for layer in part.layers
        if isinstance(layer, LSTM)
    ]
    assert [layer.constant_input for layer in recurrent] == [False, True]


def test_lstm_reads_images_row_by_row():
    model = zoo.get("lstm", input_shape=(7, 5, 3), units=4)
    recurrent = next(layer for layer in model.encoder.layers if isinstance(layer, LSTM))
    assert recurrent.input.shape == (None, 7, 15)
    with pytest.raises(zoo.InputError, match=r"\(time, features\)"):
        zoo.get("lstm", input_shape=(30,))


def test_lstm_reads_and_writes_frames_in_order():
    model = zoo.get("lstm", input_shape=(6, 2), latent_dim=3, units=4, frame_length=3)
    recurrent, dense = (
        next(layer for layer in model.decoder.layers if isinstance(layer, kind))
        for kind in (LSTM, keras.layers.Dense)
    )
    assert recurrent.input.shape == (None, 2, 3)
    code = np.ones((1, 3), "float32")
    frames = to_numpy(dense(recurrent(np.repeat(code[:, None], 2, axis=1))))
    # Each frame holds three steps of two features; the last frame is written first.
    expected = frames[:, ::-1].reshape(1, 6, 2)
    np.testing.assert_allclose(to_numpy(model.decoder(code)), expected, atol=1e-6)
    with pytest.raises(zoo.InputError, match=r"frame_length must divide the 6 steps .* got 4"):
        zoo.get("lstm", input_shape=(6, 2), frame_length=4)
