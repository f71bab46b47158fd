"""What a program can see of models that do not suit their data: warnings in Python and in logs."""

import logging
import math
import re
import warnings
from dataclasses import replace

import keras
import numpy as np
import pytest
from training.tiny_recipe import RECIPE

import zoo
from zoo import data, training
from zoo.data import numpy_file
from zoo.output_range import output_range
from zoo.training import restarts

INF = math.inf
LAYERS = keras.layers


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("sigmoid", (0, 1)),
        ("hard_sigmoid", (0, 1)),
        ("softmax", (0, 1)),
        ("tanh", (-1, 1)),
        ("relu", (0, INF)),
        ("relu6", (0, 6)),
        ("softplus", (0, INF)),
        ("elu", (-1, INF)),
        ("silu", (-0.2785, INF)),
        ("linear", (-INF, INF)),
    ],
)
def test_the_range_of_an_output_is_that_of_its_activation(activation, expected):
    model = zoo.get("lstm", input_shape=(4, 3), units=2, output_activation=activation)
    assert output_range(model.decoder) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("dense", {}),
        ("conv", {"filters": (4,)}),
        ("lstm", {"units": 2}),
        ("sparse", {"body": "conv", "latent_dim": 36, "filters": (2,)}),
    ],
)
def test_the_range_is_found_behind_layers_that_only_rearrange(name, arguments):
    shape = (9, 9, 1) if name == "sparse" else (8, 8, 1)
    arguments = {**arguments, "pool_size": 3} if name == "sparse" else arguments
    assert output_range(zoo.get(name, input_shape=shape, **arguments).decoder) == (0, 1)


def test_a_layer_that_computes_behind_the_activation_ends_the_search():
    code = keras.Input((2,))
    output = LAYERS.Rescaling(3.0)(LAYERS.Dense(2, activation="sigmoid")(code))
    assert output_range(keras.Model(code, output)) == (-INF, INF)


@pytest.fixture
def fit(monkeypatch):
    """Return a function that starts to fit a model, and returns the texts of the warnings."""
    monkeypatch.setattr(keras.Model, "fit", lambda *_, **__: None)

    def run(x, loss="mse", model="dense", **arguments):
        built = zoo.get(model, input_shape=x.shape[1:], latent_dim=2, hidden=(), **arguments)
        built.compile("adam", loss)
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            built.fit(x, x)
        assert {warning.filename for warning in seen} <= {__file__}
        return [str(warning.message) for warning in seen]

    return run


@pytest.fixture
def logged(monkeypatch, caplog):
    """Return a function that starts to train a recipe, and returns the warnings of the zoo."""

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(restarts, "fit", stop)

    def run(recipe, dataset):
        with caplog.at_level(logging.WARNING, "zoo"), pytest.raises(KeyboardInterrupt):
            training.train(recipe, dataset)
        return [r.getMessage() for r in caplog.records if r.name.startswith("zoo.")]

    return run


MISUSES = [
    (
        lambda x: 3 * x,
        {},
        "from 0.*output of this 'dense' model only from 0 to 1: use --set output",
    ),
    (lambda x: x - 0.5, {}, "The data reach from -0.5"),
    (lambda x: 2 * x, {"output_activation": "tanh"}, "only from -1 to 1"),
    (lambda x: 0 * x + 0.5, {}, "All samples are the same"),
    (lambda x: 0 * x + x[:1], {}, "All samples are the same"),
    (lambda x: x, {"loss": "binary_crossentropy", "output_activation": "linear"}, "use --set outp"),
    (lambda x: x, {"loss": "binary_crossentropy", "model": "vae"}, "use --loss mse"),
    (
        lambda x: x,
        {"loss": "mean_squared_error", "model": "vae", "likelihood": "bernoulli"},
        "be b",
    ),
    (lambda x: x, {"loss": keras.losses.BinaryCrossentropy(), "model": "vae"}, "is binary_cross"),
]


@pytest.mark.parametrize(("change", "options", "message"), MISUSES)
def test_misuse_that_arrays_show_is_warned_of_in_python(rng, fit, change, options, message):
    x = rng.random((20, 3), dtype="float32")
    x[0, 0], x[1, 1] = 0, 1
    (seen,) = fit(change(x), **options)
    assert re.search(message, seen)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"loss": "binary_crossentropy"},
        {"output_activation": "linear"},
        {"model": "vae"},
        {"loss": "mae"},
        {"loss": keras.losses.BinaryCrossentropy(from_logits=True), "output_activation": "linear"},
    ],
    ids=range(6),
)
def test_right_use_is_not_warned_of(rng, fit, options):
    assert fit(rng.random((20, 3), dtype="float32"), **options) == []
    # Rounding may leave the range by a little.
    assert fit(np.array([[0, 1 + 1e-6], [0.5, -1e-6]], "float32"), **options) == []


LINEAR = {"output_activation": "linear"}
RECIPE_MISUSES = [
    (lambda x: 3 * x, {}, "only from 0 to 1"),
    (lambda x: 0 * x, {}, "All samples are the same"),
    (lambda x: x, {"loss": "binary_crossentropy", "arguments": LINEAR}, "needs an output on"),
]


@pytest.mark.parametrize(("change", "options", "message"), RECIPE_MISUSES)
def test_a_recipe_that_does_not_suit_its_data_is_logged_as_a_warning(
    rng, logged, change, options, message
):
    x = change(rng.random((60, 3), dtype="float32"))
    recipe = replace(RECIPE, **options)
    (sentence,) = logged(recipe, data.from_arrays(x[:40], x[40:50], x[50:]))
    assert message in sentence


@pytest.mark.parametrize(
    ("shape", "most", "doubted"),
    [((30, 5), 255, True), ((30, 4, 4, 1), 1, True), ((30, 4, 4, 1), 255, False)],
)
def test_8_bit_values_that_are_no_grey_levels_are_doubted(
    tmp_path, logged, rng, shape, most, doubted
):
    samples = rng.integers(0, most, shape, "uint8", endpoint=True)
    np.save(tmp_path / "mine.npy", samples)
    dataset = numpy_file.read(str(tmp_path / "mine.npy"), None)
    found = logged(replace(RECIPE, batch_size=8), dataset)
    assert [sentence for sentence in found if "save them as floats" in sentence] == found
    assert len(found) == doubted
