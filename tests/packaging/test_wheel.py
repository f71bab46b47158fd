"""The wheel installs one package, and works alone in an environment of its own."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

# What the wheel is made of; built from a copy, so that no earlier build leaves anything in it.
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "zoo", "recipes")
TRAINED = ("model.keras", "result.json", "README.md")

MINE = '''
import keras

import zoo


@keras.saving.register_keras_serializable("mine")
class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs


@zoo.register
def linear(*, input_shape=(8, 8, 1), latent_dim=4):
    """One matrix down and one back."""
    small = zoo.get("dense", input_shape=input_shape, latent_dim=latent_dim, hidden=())
    code = Doubled()(small.encoder.output)
    encoder = keras.Model(small.encoder.input, code, name="encoder")
    return zoo.Autoencoder.join(encoder, small.decoder, name="linear")


RECIPE = zoo.Recipe(name="mine", model="linear", data="digits", epochs=3)

if __name__ == "__main__":
    zoo.cli.run(RECIPE)
'''


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    for path in (ROOT / "saved_models").glob("*/result.json"):
        folder = source / "saved_models" / path.parent.name
        folder.mkdir(parents=True)
        for name in TRAINED:
            shutil.copy(path.parent / name, folder)
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out]
    subprocess.run([*command, source], check=True, capture_output=True)
    (found,) = out.iterdir()
    return found


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """The folder of programs of an environment with the wheel, and nothing else of this project."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    packages = folder / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    # The dependencies are those of this environment; its own link to the checkout is not followed.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    installing = ["--no-deps", "--no-index", "--target", packages, "--quiet"]
    command = [sys.executable, "-m", "pip", "install", *installing, wheel]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "bin"


def run(program, *arguments, cwd):
    """Run a program where neither the checkout nor a setting of this process can be seen."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [str(program), *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=240, cwd=cwd, env=kept,
    )  # fmt: skip


def test_the_wheel_holds_one_package_at_top_level(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"zoo"}
    assert {"zoo/py.typed", "zoo/recipes/vae_mnist.py", "zoo/trained/dense_digits/model.keras"} <= {
        *names
    }
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "zoo").rglob("*.py")}
    assert modules <= {*names}


@pytest.mark.slow
def test_the_command_trains_a_recipe_of_the_book_from_another_folder(environment, tmp_path):
    program = "import zoo; print(zoo.__file__)"
    found = run(environment / "python", "-c", program, cwd=tmp_path).stdout.strip()
    assert Path(found).is_relative_to(environment.parent)
    done = run(
        environment / "python", "-m", "zoo", "train", "dense_digits", "--smoke",
        "--variants", "fp32", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["folder"] == "saved_models/dense_digits_smoke"
    assert (tmp_path / "saved_models/dense_digits_smoke/model.tflite").is_file()


@pytest.mark.slow
def test_a_recipe_file_of_one_s_own_is_trained_exported_and_verified(environment, tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    options = ("--variants", "fp32")
    done = run(environment / "python", "-m", "zoo", "train", "mine.py", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "saved_models/mine"
    assert "One matrix down and one back." in (folder / "README.md").read_text()
    verified = run(
        environment / "python", "-m", "zoo", "verify", folder, "--import", "mine.py", cwd=tmp_path
    )
    assert verified.returncode == 0, verified.stderr
    assert "is as recorded" in verified.stdout
    done = run(environment / "python", "mine.py", "--smoke", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "saved_models/mine_smoke/model.tflite").is_file()


def test_nothing_else_is_installed_under_a_name_of_its_own(environment, tmp_path):
    done = run(environment / "python", "-c", "import recipes", cwd=tmp_path)
    assert "No module named 'recipes'" in done.stderr
