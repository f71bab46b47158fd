"""`zoo list` and `zoo show`."""

import json

from conftest import run_zoo

import zoo
from zoo import recipe_book


def test_list_shows_models_and_recipes():
    done = run_zoo("list")
    assert done.returncode == 0
    assert done.stderr == ""
    for name in (*zoo.list_models(), *recipe_book.read()):
        assert name in done.stdout
    listed = json.loads(run_zoo("list", "--json").stdout)
    assert set(listed["models"]) >= {"dense", "vae"}
    assert listed["recipes"]["vae_mnist"]["model"] == "vae"


def test_help_names_the_commands():
    done = run_zoo("--help")
    assert done.returncode == 0
    for command in ("list", "show", "train", "verify", "results"):
        assert command in done.stdout


def test_show_prints_layers_shapes_and_parameters(run_here, capsys):
    arguments = ["--set", "latent_dim=3", "--set", "hidden=128,64,12"]
    assert run_here("show", "Dense", *arguments) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    for part in ("encoder", "Dense", "(None, 784)", "219,891"):
        assert part in printed.out


def test_show_prints_json_for_programs(run_here, capsys):
    arguments = ["--set", "latent_dim=3", "--set", "hidden=128,64,12", "--json"]
    assert run_here("show", "dense", *arguments) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["parameters"] == 219_891
    assert shown["latent_dim"] == 3
    sizes = [layer["output_shape"] for layer in shown["encoder"]]
    assert sizes == [[28, 28, 1], [784], [128], [64], [12], [3]]


def test_show_prints_every_field_of_a_recipe(run_here, capsys):
    assert run_here("show", "VAE_mnist") == 0
    shown = capsys.readouterr().out
    for part in ("importance_samples", "latent_dim=40", "nll_nats at most 82.9", "binarize"):
        assert part in shown
    assert run_here("show", "vae_mnist", "--json") == 0
    recipe = zoo.Recipe.from_json(json.loads(capsys.readouterr().out))
    assert recipe == recipe_book.get("vae_mnist")


def test_the_version_is_printed(run_here, capsys):
    assert run_here("--version") == 0
    assert capsys.readouterr().out == f"zoo {zoo.__version__}\n"
