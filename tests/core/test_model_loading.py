"""Files that hold no model that can be loaded: each cause has a message of its own."""

import json
import zipfile

import keras
import pytest

import zoo


@keras.saving.register_keras_serializable("test_model_loading")
class Shift(keras.layers.Layer):
    def call(self, x):
        return x + 1


def my_loss(a, b):
    return keras.ops.mean(keras.ops.square(a - b))


@pytest.fixture
def saved(tmp_path):
    zoo.get("dense", input_shape=(4,), hidden=(3,), latent_dim=2).save(tmp_path / "m.keras")
    return tmp_path / "m.keras"


def rewrite(path, version=None, drop=()):
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist() if name not in drop}
    if version:
        entries["metadata.json"] = json.dumps({"keras_version": version}).encode()
        entries["config.json"] = b"{}"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"\x89HDF\r\n\x1a\n", "is an HDF5 file, the older format"),
        (b"\x1c\0\0\0TFL3", "is a TFLite file"),
        (b"anything", "is damaged or no .keras file"),
        (b"", "is damaged or no .keras file"),
        (b"PK\x03\x04", "is damaged"),
    ],
)
def test_what_a_file_is_is_told_by_its_first_bytes(start, message, tmp_path):
    path = tmp_path / "m.keras"
    path.write_bytes(start)
    with pytest.raises(zoo.InputError, match=message):
        zoo.load(path)


def test_a_folder_is_told_from_a_file(tmp_path):
    with pytest.raises(zoo.InputError, match="is a folder: name the"):
        zoo.load(tmp_path)


def test_a_file_of_an_older_keras_is_not_called_damaged(saved):
    rewrite(saved, version="2.15.0")
    with pytest.raises(zoo.InputError, match=r"saved by Keras 2.15.0") as error:
        zoo.load(saved)
    assert "damaged" not in str(error.value)


@pytest.mark.parametrize("part", ["config.json", "metadata.json", "model.weights.h5"])
def test_a_file_that_lacks_a_part_is_damaged(saved, part):
    rewrite(saved, drop=(part,))
    with pytest.raises(zoo.InputError, match=r"is damaged \("):
        zoo.load(saved)


def test_an_unknown_class_is_named(tmp_path):
    x = keras.Input((4,))
    model = zoo.Autoencoder.join(
        keras.Model(x, keras.layers.Dense(2)(Shift()(x)), name="encoder"),
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(4)], name="decoder"),
        "mine",
    )
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        config = archive.read("config.json").replace(b"Shift", b"Other")
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(tmp_path / "m.keras", "a") as archive,
    ):
        archive.writestr("config.json", config)
    with pytest.raises(zoo.InputError, match=r"needs .*Other, which is not known here"):
        zoo.load(tmp_path / "m.keras")


def test_an_unknown_loss_is_named(saved):
    model = zoo.load(saved)
    model.compile(loss=my_loss)
    model.save(saved)
    with pytest.raises(zoo.InputError, match="needs my_loss, which is not known here"):
        zoo.load(saved)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(tmp_path, value):
    model = zoo.get("dense", input_shape=(3,), latent_dim=2, hidden=())
    kernel = model.get_layer("decoder").weights[0]
    kernel.assign(kernel * value)
    model.save(tmp_path / "model.keras")
    with pytest.raises(zoo.InputError, match="weights that are NaN or infinite"):
        zoo.load(tmp_path / "model.keras")


def test_a_small_file_that_would_unpack_to_much_is_refused_unread(saved):
    with zipfile.ZipFile(saved, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/zeros", bytes(200_000_000))
    assert saved.stat().st_size < 1_000_000
    with pytest.raises(zoo.InputError, match="would unpack to 200 MB"):
        zoo.load(saved)
