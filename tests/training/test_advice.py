"""Each message that names options names them for the command and for Python, and both work."""

import ast
import inspect
import math
import re
import shlex
from dataclasses import fields, replace

import numpy as np
import pytest
import typer
from conftest import ROOT
from training.tiny_recipe import RECIPE
from typer.testing import CliRunner

import zoo
from zoo import training
from zoo.cli.train_commands import make_command
from zoo.data import binarizing
from zoo.data.dataset import Dataset
from zoo.option_words import options
from zoo.training.recipe_checks import check_fits

ROOMS = ("data", "training", "evaluation")
# What both the command and Python have by this name.
OPTIONS = [f.name for f in fields(zoo.Recipe) if f.name != "arguments"]
OPTIONS += [name for name in inspect.signature(zoo.train).parameters if name != "recipe"]
IMAGES, SIGNALS = (4, 4, 1), (12, 2)
UNIT, ANY = (0.0, 1.0), (-math.inf, math.inf)
VAE = {"model": "vae", "arguments": {"latent_dim": 2, "hidden": ()}}
BERNOULLI = {"model": "vae", "arguments": {"latent_dim": 2, "likelihood": "bernoulli"}}
BCE = {"loss": "binary_crossentropy"}


def try_out(recipe, precision, replicas, shape, values):
    """What `zoo.train` checks before it trains, with data of that shape and that range."""
    low, high = values
    value = 0.5 if math.isfinite(high) else 2e4
    samples = np.full((8, *shape), value, "float32")
    dataset = Dataset("mine", "1", (low, high), "none", samples, samples[:5], samples)
    if recipe.binarize:
        dataset = binarizing.binarize(dataset)
    model = zoo.get(recipe.model, input_shape=shape, **recipe.arguments)
    check_fits(recipe, model, dataset, replicas, precision)


def advice_of(message):
    """Return the flags and the keyword arguments that a message names."""
    flags, python = re.findall(r"(--[^(]*) \((.*?)\)[.,]", message)[0]
    return shlex.split(flags), eval(f"dict({python})")


def by_command(recipe, flags, monkeypatch):
    """Return the recipe and the options that the command `zoo train` makes of flags."""
    seen = []

    def record(recipe, **options):
        seen.append((recipe, options["precision"], options["strategy"]))
        raise zoo.InputError

    monkeypatch.setattr("zoo.pipeline.train.train", record)
    command = typer.Typer()
    command.command()(make_command(recipe))
    outcome = CliRunner().invoke(command, flags)
    assert seen, outcome.output
    return seen[0]


def by_python(recipe, precision, strategy, found):
    """Return the recipe and the options that keyword arguments change to."""
    arguments = {**recipe.arguments, **found.pop("arguments", {})}
    precision = found.pop("precision", precision)
    strategy = found.pop("strategy", strategy)
    return replace(recipe, arguments=arguments, **found), precision, strategy


CASES = [
    ({"batch_size": 9}, "float32", 1, IMAGES, UNIT),
    ({"batch_size": 8}, "float32", 6, IMAGES, UNIT),
    ({"batch_size": 2}, "float32", 4, IMAGES, UNIT),
    ({**VAE, **BCE}, "float32", 1, IMAGES, UNIT),
    (BERNOULLI, "float32", 1, IMAGES, UNIT),
    (BCE, "float32", 1, IMAGES, ANY),
    (BERNOULLI, "float32", 1, IMAGES, ANY),
    ({**BERNOULLI, **BCE}, "float32", 1, SIGNALS, (-1.0, 1.0)),
    ({}, "mixed_float16", 1, IMAGES, ANY),
    ({"importance_samples": 2}, "float32", 1, IMAGES, UNIT),
    ({**VAE, "importance_samples": 9}, "float32", 1, IMAGES, UNIT),
    ({"shift": 1}, "float32", 1, SIGNALS, UNIT),
    ({"flip": True}, "float32", 1, SIGNALS, UNIT),
    ({"binarize": True}, "float32", 1, IMAGES, (-1.0, 1.0)),
]


@pytest.mark.parametrize(("changes", "precision", "replicas", "shape", "values"), CASES, ids=str)
def test_the_same_call_succeeds_once_its_advice_is_followed(
    changes, precision, replicas, shape, values, monkeypatch
):
    recipe = replace(RECIPE, **{"batch_size": 4, **changes})
    with pytest.raises(zoo.InputError) as refused:
        try_out(recipe, precision, replicas, shape, values)
    flags, found = advice_of(str(refused.value))
    strategy = "mirrored" if replicas > 1 else "auto"
    given = ["--strategy", strategy, "--precision", precision]
    followed = by_python(recipe, precision, strategy, found)
    # Of an option that is given twice, the last one holds.
    assert by_command(recipe, [*given, *flags], monkeypatch) == followed
    changed, precision, strategy = followed
    try_out(changed, precision, replicas if strategy == "mirrored" else 1, shape, values)


@pytest.mark.parametrize("rate", [1e6, 0.5])
def test_a_rate_that_makes_training_diverge_is_named_and_a_lower_one_trains(digits, rate):
    linear = {"activation": "linear", "output_activation": "linear"}
    recipe = replace(
        RECIPE, optimizer="sgd", learning_rate=rate, arguments=linear, noise=10.0, epochs=4
    )
    with pytest.raises(zoo.InputError, match=re.escape(f"rate, now {rate:g}: ")) as refused:
        training.train(recipe, digits)
    assert "scale the data" not in str(refused.value)
    _, found = advice_of(str(refused.value))
    training.train(replace(recipe, **found), digits)


@pytest.mark.parametrize("scale", [1e3, 1e12, 1e30])
def test_the_scale_of_the_data_is_named_where_it_is_the_cause(digits, scale):
    recipe = replace(RECIPE, optimizer="sgd", learning_rate=0.01, epochs=2)
    recipe = replace(recipe, arguments={**recipe.arguments, "output_activation": "linear"})
    parts = {part: getattr(digits, part) * scale for part in ("train", "validation", "test")}
    large = replace(digits, value_range=(-math.inf, math.inf), **parts)
    with pytest.raises(zoo.InputError, match="scale the data") as refused:
        training.train(recipe, large)
    assert f"{scale:g}" in str(refused.value)
    assert "learning rate" not in str(refused.value)
    mean, deviation = large.train.mean(dtype="float64"), large.train.std(dtype="float64")
    scaled = {part: ((x - mean) / deviation).astype("float32") for part, x in parts.items()}
    training.train(recipe, replace(large, **scaled))


def test_options_are_named_for_the_command_and_for_python():
    assert options(shift=0, flip=False, binarize=True, loss="mse") == (
        "--shift 0 --no-flip --binarize --loss mse (shift=0, flip=False, binarize=True, loss='mse')"
    )
    assert options({"k": 3}) == "--set k=3 (arguments={'k': 3})"


def messages():
    """Each message of an InputError of these rooms, without the values in it, and its file."""
    paths = [ROOT / "zoo/recipe.py", ROOT / "zoo/misuse.py"]
    paths += [path for room in ROOMS for path in sorted((ROOT / "zoo" / room).glob("*.py"))]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("InputError"):
                parts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
                yield path.name, "".join(str(part) for part in parts)


def test_a_message_names_an_option_for_both_or_for_none():
    named = 0
    for path, text in messages():
        for option in OPTIONS:
            flags = re.findall(rf"--(?:no-)?{option.replace('_', '-')}(?![\w-])", text)
            python = re.findall(rf"\b{option}=", text)
            named += len(flags)
            assert bool(flags) == bool(python), f"{path}: {text}"
    assert named
