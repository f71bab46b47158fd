"""`sparse`: penalties, and codes of which few units are active."""

import keras
import numpy as np
import pytest

import zoo
from zoo.layers import KSparse


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_l1_adds_the_mean_over_samples_of_the_sum_over_units(rng):
    model = zoo.get("sparse", input_shape=(5,), latent_dim=7, sparsity_weight=0.1)
    x = rng.random((4, 5), dtype="float32")
    codes = to_numpy(model.encoder(x))
    model(x)
    (penalty,) = model.losses
    assert float(penalty) == pytest.approx(0.1 * codes.sum(axis=1).mean(), rel=1e-5)


def test_k_sparse_keeps_the_k_largest():
    codes = np.array([[3.0, -1.0, 2.0, 0.5], [-4.0, -1.0, -2.0, -3.0]], "float32")
    expected = [[3.0, 0.0, 2.0, 0.0], [0.0, -1.0, -2.0, 0.0]]
    np.testing.assert_array_equal(to_numpy(KSparse(2)(codes)), expected)
    with pytest.raises(zoo.InputError, match="k must be at most latent_dim, 8"):
        zoo.get("sparse", latent_dim=8, sparsity="k_sparse", k=9)


def test_a_convolutional_sparse_code_is_maps(rng):
    arguments = {"body": "conv", "sparsity": "k_sparse", "output_activation": "linear"}
    model = zoo.get("sparse", latent_dim=3 * 49, k=4, **arguments)
    codes = to_numpy(model.encoder(rng.random((5, 28, 28, 1), dtype="float32")))
    active = (codes.reshape(5, 49, 3) > 0).sum(axis=1)
    assert active.max() == 4
    # Alone, a unit adds the patch around its position and nothing elsewhere.
    alone = np.zeros((1, 49, 3), "float32")
    alone[0, 3 * 7 + 2, 1] = 1
    rows, columns = np.nonzero(to_numpy(model.decoder(alone.reshape(1, -1)))[0, :, :, 0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 19, 4, 15)
    with pytest.raises(zoo.InputError, match="multiple of 49, the 7x7 positions left"):
        zoo.get("sparse", body="conv")
    with pytest.raises(
        zoo.InputError, match="k must be at most the positions of a map but one, 48"
    ):
        zoo.get("sparse", latent_dim=98, k=49, **arguments)
    with pytest.raises(zoo.InputError, match="needs an input_shape"):
        zoo.get("sparse", input_shape=(28,), latent_dim=98, **arguments)
