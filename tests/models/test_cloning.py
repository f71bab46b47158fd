"""What a model says of itself is kept by each way of copying it.

If `clone_model` loses it after an update of Keras, zoo/cloning.py says what to do.
"""

import copy
import pickle

import keras
import numpy as np
import pytest

import zoo
from zoo import autoencoder
from zoo.autoencoder import Autoencoder

KEPT = {
    "score_window": 3,
    "likelihood": "bernoulli",
    "threshold": 0.25,
    "value_range": (-1.0, 2.0),
}


def saved_and_loaded(model, folder):
    model.save(folder / "model.keras")
    return zoo.load(folder / "model.keras")


def cloned_layer_by_layer(model, _):
    return keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config(layer.get_config())
    )


def cloned_on_other_inputs(model, _):
    return keras.models.clone_model(model, input_tensors=keras.Input((8, 8, 1)))


WAYS = {
    "clone_model": lambda model, _: keras.models.clone_model(model),
    "clone_model, recursive": lambda model, _: keras.models.clone_model(model, recursive=True),
    "clone_model, by function": cloned_layer_by_layer,
    "clone_model, inputs": cloned_on_other_inputs,
    "from_config": lambda model, _: Autoencoder.from_config(model.get_config()),
    "zoo.autoencoder.copy": lambda model, _: autoencoder.copy(model),
    "deepcopy": lambda model, _: copy.deepcopy(model),
    "pickle": lambda model, _: pickle.loads(pickle.dumps(model)),
    "a file": saved_and_loaded,
}


@pytest.fixture
def model():
    made = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=2, hidden=())
    assert set(KEPT) == set(Autoencoder.KEPT)
    for name, value in KEPT.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_a_copy_keeps_all_attributes_and_scores_alike(way, compiled, model, tmp_path, rng):
    if compiled:
        model.compile("sgd", "mse")
        model.optimizer.build(model.trainable_variables)
    made = WAYS[way](model, tmp_path)
    assert isinstance(made, Autoencoder)
    assert {name: getattr(made, name) for name in KEPT} == KEPT
    made.set_weights(model.get_weights())
    x = rng.random((3, 8, 8, 1), dtype="float32")
    np.testing.assert_allclose(made.score(x), model.score(x), rtol=1e-5)


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_of_a_plain_model_is_plain(way, tmp_path):
    model = zoo.get("dense", input_shape=(8, 8, 1), latent_dim=2, hidden=())
    made = WAYS[way](model, tmp_path)
    assert {name: getattr(made, name) for name in KEPT} == Autoencoder.KEPT
    # Files of models without them stay as they were.
    assert not {"likelihood", "threshold", "value_range"} & set(made.get_config())


def test_a_clone_does_not_change_with_its_original(model):
    made = keras.models.clone_model(model)
    model.threshold = 9.0
    assert made.threshold == KEPT["threshold"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("score_window", 0),
        ("score_window", "3"),
        ("likelihood", "poisson"),
        ("threshold", float("nan")),
        ("threshold", "high"),
        ("value_range", [0.0]),
        ("value_range", [1.0, 0.0]),
        ("value_range", [0.0, float("inf")]),
        ("value_range", ["a", "b"]),
    ],
)
def test_attributes_that_make_no_sense_are_refused(name, value, model):
    with pytest.raises(zoo.InputError, match=f"^{name} must "):
        Autoencoder.from_config({**model.get_config(), name: value})
