"""Names, errors and laziness of the registry."""

import pytest
from conftest import run_python

import zoo
from zoo import registry


def test_the_six_models_are_listed():
    names = ["conv", "dense", "denoising", "lstm", "sparse", "vae"]
    assert [name for name in zoo.list_models() if name in registry.BUILT_IN] == sorted(names)


@pytest.mark.parametrize("name", ["LSTM", "VAE", "Dense"])
def test_names_are_matched_in_any_case(name):
    assert zoo.get(name, input_shape=(4, 3)).name == name.lower()


def test_an_unknown_name_lists_the_choices_and_the_nearest():
    with pytest.raises(zoo.InputError, match="did you mean 'denoising'") as error:
        zoo.get("denoisng")
    assert all(name in str(error.value) for name in zoo.list_models())


def test_an_unknown_argument_names_the_builder_and_its_arguments():
    with pytest.raises(zoo.InputError, match="'vae' has no argument 'latent'") as error:
        zoo.get("vae", latent=3)
    assert "latent_dim" in str(error.value)
    with pytest.raises(zoo.InputError, match="'vae' has no argument 'name'"):
        zoo.get("vae", name="mine")
    assert "kl_weight" in str(error.value)


def test_a_registered_builder_works_by_name(monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})

    @zoo.register
    def shallow(*, input_shape=(2,), latent_dim=1):
        """One code unit."""
        return zoo.get("dense", input_shape=input_shape, latent_dim=latent_dim, hidden=())

    assert "shallow" in zoo.list_models()
    assert registry.describe("Shallow") == "One code unit."
    assert zoo.get("SHALLOW", latent_dim=2).latent_dim == 2
    # A file that is run twice registers the same lines twice.
    assert zoo.register(shallow) is shallow

    def other(**_):
        raise AssertionError("never called")

    other.__name__ = "shallow"
    with pytest.raises(zoo.InputError, match="'shallow' is registered already: rename"):
        zoo.register(other)


def test_a_builtin_name_cannot_be_registered_again():
    def vae():
        raise AssertionError("never called")

    with pytest.raises(zoo.InputError, match="'vae' is registered already"):
        zoo.register(vae)
    assert zoo.get("vae", input_shape=(4,)).name == "vae"


def test_importing_zoo_and_listing_load_no_framework():
    code = """
import json, sys
import zoo
zoo.list_models()
from zoo.cli.main import app
for arguments in (["list"], ["--help"]):
    try:
        app(arguments)
    except SystemExit as stop:
        assert not stop.code
print(json.dumps([name for name in ("tensorflow", "keras", "numpy") if name in sys.modules]))
"""
    assert run_python(code) == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("vae", {"likelihood": [1]}),
        ("dense", {"latent_activation": "glu"}),
        pytest.param("dense", {"hidden": (8,) * 3000}, marks=pytest.mark.slow),
        ("dense", {"latent_dim": 10**20}),
    ],
)
def test_values_that_keras_cannot_build_are_one_sentence(name, arguments):
    with pytest.raises(zoo.InputError) as error:
        zoo.get(name, **arguments)
    assert "\n" not in str(error.value)
