"""`fit(x)`: inputs that are their own targets, from every kind of data and in every method."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo

BATCH, SHAPE = 8, (4, 4, 1)


class Batches(keras.utils.PyDataset):
    """Batches of samples, alone or as pairs."""

    def __init__(self, x, pairs):
        super().__init__()
        self.x, self.pairs = x, pairs

    def __len__(self):
        return len(self.x) // BATCH

    def __getitem__(self, index):
        batch = self.x[index * BATCH : (index + 1) * BATCH]
        return (batch, batch) if self.pairs else (batch,)


def compiled(name="dense", eagerly=True):
    keras.utils.set_random_seed(0)
    model = zoo.get(name, input_shape=SHAPE, latent_dim=2)
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=eagerly)
    return model


def tensors(x, pairs):
    data = tf.data.Dataset.from_tensor_slices((x, x) if pairs else x).batch(BATCH)
    return (data,)


# Each kind of data, as the arguments of `fit`: samples alone, or in pairs.
DATA = {
    "array": lambda x, pairs: (x, x) if pairs else (x,),
    "tensor": lambda x, pairs: 2 * (tf.constant(x),) if pairs else (tf.constant(x),),
    "tf.data": tensors,
    "PyDataset": lambda x, pairs: (Batches(x, pairs),),
}
# What a model makes of them in each method.
METHODS = {
    "fit": lambda model, *data: model.fit(*data, epochs=2, shuffle=False, verbose=0).history,
    "evaluate": lambda model, *data: model.evaluate(*data, verbose=0),
}


@pytest.fixture
def x(rng):
    return rng.random((2 * BATCH, *SHAPE), dtype="float32")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("data", DATA)
def test_samples_alone_train_and_evaluate_as_pairs_do(data, method, x):
    alone, pairs = (METHODS[method](compiled(), *DATA[data](x, pairs)) for pairs in (False, True))
    assert alone == pairs


@pytest.mark.parametrize("name", zoo.list_models())
def test_every_model_fits_itself(name, x):
    assert compiled(name).train_on_batch(x) == compiled(name).train_on_batch(x, x)


def test_a_compiled_step_fits_itself(x):
    alone, pairs = (
        compiled(eagerly=False).fit(*data, batch_size=BATCH, verbose=0).history
        for data in ((x,), (x, x))
    )
    assert alone == pairs


def test_validation_data_may_be_samples_alone(x):
    weights = x[:, 0, 0, 0]
    for alone, pairs in [
        ({"validation_data": x}, {"validation_data": (x, x)}),
        ({"validation_data": (x,)}, {"validation_data": (x, x)}),
        ({"validation_data": (x, None, weights)}, {"validation_data": (x, x, weights)}),
        ({"validation_split": 0.5}, {"y": x, "validation_split": 0.5}),
    ]:
        one, other = (compiled().fit(x, **data, verbose=0).history for data in (alone, pairs))
        assert one == other


def test_weights_of_samples_alone_count(x):
    weights = x[:, 0, 0, 0]
    for method in ("fit", "evaluate", "train_on_batch", "test_on_batch"):
        alone, pairs, plain = (
            getattr(compiled(), method)(*data, **options)
            for data, options in [
                ((x,), {"sample_weight": weights}),
                ((x, x), {"sample_weight": weights}),
                ((x, x), {}),
            ]
        )
        if method == "fit":
            alone, pairs, plain = alone.history, pairs.history, plain.history
        assert alone == pairs != plain


def test_targets_that_are_given_count(x):
    zeros = np.zeros_like(x)
    model = compiled()
    expected = np.square(model.predict(x, verbose=0)).mean()
    assert model.evaluate(x, zeros, verbose=0)[0] == pytest.approx(expected, rel=1e-5)
