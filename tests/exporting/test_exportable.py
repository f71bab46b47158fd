"""What cannot be exported is refused before training, with the name of the layer."""

import sys

import keras
import numpy as np
import pytest
from exporting.conversion import build
from keras import layers, ops

import zoo
from zoo.exporting import custom_layer_files, exportable, tflite

OWN = """
import keras

class Plain(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs

def doubled(x):
    return 2 * x

@keras.saving.register_keras_serializable("mine")
def tripled(x):
    return 3 * x

@keras.saving.register_keras_serializable("mine")
class Centred(keras.layers.Layer):
    def call(self, inputs):
        # A file takes one sample at a time.
        return inputs - keras.ops.mean(inputs, axis=0)

@keras.saving.register_keras_serializable("mine")
class Forgetful(keras.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        return self.factor * inputs

    def get_config(self):
        return super().get_config()
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A module with layers of a user's own."""
    (tmp_path / "own_layers.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    import own_layers  # pyright: ignore[reportMissingImports]

    yield own_layers
    sys.modules.pop("own_layers", None)


def make(shape, function):
    inputs, code = keras.Input(shape), keras.Input((2,))
    features = layers.Flatten()(function(inputs))
    encoder = keras.Model(inputs, layers.Dense(2)(features), name="encoder")
    y = layers.Dense(int(np.prod(shape)))(code)
    decoder = keras.Model(code, layers.Reshape(shape)(y), name="decoder")
    return zoo.Autoencoder.join(encoder, decoder, name="mine")


def try_out(model):
    samples = np.random.default_rng(0).random((4, *model.sample_shape), dtype="float32")
    exportable.try_out(model, samples)


@pytest.mark.parametrize(
    ("shape", "function", "layer", "operator"),
    [
        ((4, 4, 4, 1), layers.MaxPooling3D(2), "MaxPooling3D", "MaxPool3D"),
        ((8,), ops.erf, "Erf", "Erf"),
        (
            (4, 4, 1),
            layers.Conv2DTranspose(2, 2, dilation_rate=2),
            "Conv2DTranspose",
            "Conv2DBackpropInput",
        ),
    ],
)
@pytest.mark.usefixtures("in_this_process")
def test_what_tflite_cannot_compute_is_refused_by_name(shape, function, layer, operator):
    with pytest.raises(zoo.InputError) as caught:
        try_out(make(shape, function))
    message = str(caught.value)
    assert f"TFLite has no operator for {operator})" in message
    assert f"({layer})" in message
    assert message.endswith("Use another layer in its place.")


@pytest.mark.usefixtures("in_this_process")
def test_a_layer_that_gives_other_outputs_in_a_file_is_refused_by_name(own):
    with pytest.raises(zoo.InputError, match=r"max_difference .*: 'centred' \(Centred\)\. Use"):
        try_out(make((8,), own.Centred()))


@pytest.mark.slow
@pytest.mark.usefixtures("in_this_process")
def test_a_recurrent_layer_passes():
    model = make((4, 2), layers.Bidirectional(layers.GRU(2)))
    before = model.get_weights()
    try_out(model)
    for weight, earlier in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, earlier)


@pytest.mark.parametrize(
    ("make_layer", "message"),
    [
        (lambda own: own.Forgetful(2.0), r"'forgetful' \(Forgetful\) .*'factor'"),
        (lambda own: own.Plain(), r"'plain' \(Plain\) .*Could not locate class 'Plain'"),
        (
            lambda own: layers.Dense(2, activation=own.doubled, name="d"),
            r"'d' \(Dense\) .*Could not locate function 'doubled'",
        ),
        (lambda own: layers.Lambda(lambda x: 2 * x, name="l"), r"'l' \(Lambda\) .*Python lambda"),
    ],
    ids=["no config", "no registered class", "no registered function", "lambda"],
)
def test_a_layer_that_cannot_be_loaded_again_is_refused_by_name(own, make_layer, message):
    model = make((8,), make_layer(own))
    with pytest.raises(zoo.InputError, match=f"The layer {message}.*: register its class"):
        exportable.check(model)


def test_the_file_of_an_activation_of_one_s_own_is_found(own):
    for layer in (layers.Dense(2, activation=own.tripled), layers.Activation(own.tripled)):
        (file,) = custom_layer_files.files_of(make((8,), layer))
        assert file.name == "own_layers.py"


def test_an_open_axis_is_refused():
    inputs, code = keras.Input((None, 2)), keras.Input((None, 1))
    model = zoo.Autoencoder.join(
        keras.Model(inputs, layers.Dense(1)(inputs), name="encoder"),
        keras.Model(code, layers.Dense(2)(code), name="decoder"),
        name="mine",
    )
    message = r"shape \(None, 2\), .* cut sequences of different length into windows"
    with pytest.raises(zoo.InputError, match=message):
        exportable.check(model)
    with pytest.raises(zoo.InputError, match=message):
        zoo.export(model, "never", calibration=np.zeros((4, 3, 2), "float32"))


@pytest.mark.parametrize("name", zoo.list_models())
def test_what_built_in_models_are_made_of_costs_no_trial(name, monkeypatch):
    monkeypatch.delattr(tflite, "write")
    try_out(build(name))


def test_training_tries_a_model_out_before_it_starts(monkeypatch, tmp_path):
    data = tmp_path / "d.npy"
    np.save(data, np.random.default_rng(0).random((40, 6), dtype="float32"))
    recipe = zoo.Recipe(name="mine", model="dense", data=str(data), epochs=1)
    tried = []

    def refuse(model, samples):
        tried.append((model.name, samples.shape[1:]))
        raise zoo.InputError("no")

    monkeypatch.setattr(exportable, "try_out", refuse)
    with pytest.raises(zoo.InputError, match="no"):
        zoo.train(recipe, out=tmp_path)
    assert tried == [("dense", (6,))]
