"""Arguments of builders: numbers of NumPy, sizes alone, and what a choice makes no use of."""

import inspect
import itertools
import json
import re
from typing import Any

import numpy as np
import pytest

import zoo
from zoo import recipe_book, registry, weights

# Choices that decide which arguments count, and values of those that do not.
UNUSED = [
    ("vae", {"body": "dense"}, {"filters": "nonsense", "kernel_size": 5}),
    ("vae", {"likelihood": "bernoulli"}, {"observation_variance": 0.5}),
    ("denoising", {"body": "dense"}, {"filters": (3,)}),
    ("sparse", {"body": "dense"}, {"filters": 8, "kernel_size": 3, "pool_size": 2}),
    ("sparse", {"body": "conv", "latent_dim": 98}, {"hidden": [30]}),
    ("sparse", {"sparsity": "l1"}, {"k": 3, "target_rate": 0.1}),
    ("sparse", {"sparsity": "kl"}, {"k": 3}),
    ("sparse", {"sparsity": "k_sparse"}, {"sparsity_weight": 1.0, "target_rate": 0.1}),
]


def of_numpy(value) -> Any:
    """Return a value as NumPy code would have it."""
    if isinstance(value, tuple):
        return tuple(np.int64(size) for size in value)
    kinds = {bool: np.bool_, int: np.int32, float: np.float64, str: np.str_}
    return kinds[type(value)](value)


def built(name, **arguments):
    """Return what a model is made of, without the numbers by which Keras tells layers apart."""
    config = json.dumps(zoo.get(name, **arguments).get_config(), sort_keys=True, default=str)
    return re.sub(r"_\d+", "", config)


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_numbers_of_numpy_are_taken_for_every_argument(name, tmp_path):
    taken = {key: of_numpy(value) for key, value in registry.defaults(name).items()}
    assert built(name, **taken) == built(name)
    # What Keras could not write shows when it writes.
    zoo.get(name, **taken).save(tmp_path / "model.keras")


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("denoising", "strength"),
        ("sparse", "sparsity_weight"),
        ("vae", "kl_weight"),
        ("vae", "observation_variance"),
    ],
)
def test_numbers_in_single_precision_are_taken(name, argument):
    assert built(name, **{argument: np.float32(0.25)}) == built(name, **{argument: 0.25})


SIZES = [
    (name, argument)
    for name in registry.BUILT_IN
    for argument, default in registry.defaults(name).items()
    if isinstance(default, tuple) and argument != "input_shape"
]


@pytest.mark.parametrize(("name", "argument"), SIZES)
def test_one_size_stands_for_a_list_of_one(name, argument):
    body = {"body": "conv"} if argument == "filters" and name in {"vae", "denoising"} else {}
    if (name, argument) == ("sparse", "filters"):
        body = {"body": "conv", "latent_dim": 98}
    expected = built(name, **{argument: (6,)}, **body)
    for size in (6, np.int64(6), [6], np.array([6]), np.array(6)):
        assert built(name, **{argument: size}, **body) == expected


@pytest.mark.parametrize(
    ("name", "choice", "argument", "value"),
    [
        (name, choice, argument, value)
        for name, choice, values in UNUSED
        for argument, value in values.items()
    ],
    ids=str,
)
def test_an_argument_that_a_choice_makes_no_use_of_is_refused(name, choice, argument, value):
    chosen = next(iter(choice.items()))
    message = f"^{argument} has no effect with {chosen[0]}='{chosen[1]}', but got "
    with pytest.raises(zoo.InputError, match=message) as error:
        zoo.get(name, **choice, **{argument: value})
    # The ways out that the message names.
    default = registry.defaults(name)[argument]
    assert str(error.value).endswith(f"leave it out, or pass its default, {default!r}.")
    assert built(name, **choice) == built(name, **choice, **{argument: default})
    listed = list(default) if isinstance(default, tuple) else default
    assert built(name, **choice) == built(name, **choice, **{argument: listed})


CHOICES = {
    "body": ("dense", "conv"),
    "likelihood": ("gaussian", "bernoulli"),
    "sparsity": ("l1", "kl", "k_sparse"),
}
OTHER = {"filters": (5,), "hidden": (7,), "kernel_size": 7, "pool_size": 7, "k": 5}
OTHER |= {"observation_variance": 0.3, "sparsity_weight": 0.3, "target_rate": 0.3}


def choices_of(name):
    """Return every combination of a builder's choices."""
    taken = [choice for choice in CHOICES if choice in registry.defaults(name)]
    for values in itertools.product(*(CHOICES[choice] for choice in taken)):
        yield dict(zip(taken, values, strict=True))


def built_or_refused(name, arguments):
    """Return what a model is made of, or why it is refused."""
    try:
        return built(name, **arguments)
    except zoo.InputError as error:
        return str(error)


@pytest.mark.parametrize(
    ("name", "choices"),
    [(name, choices) for name in registry.BUILT_IN for choices in choices_of(name) if choices],
    ids=str,
)
def test_an_argument_changes_the_model_or_is_refused(name, choices):
    shape = {"latent_dim": 98} if name == "sparse" and choices["body"] == "conv" else {}
    plain = built(name, **choices, **shape)
    for argument in OTHER.keys() & inspect.signature(registry.builder_of(name)).parameters.keys():
        size = {"latent_dim": 96} if argument == "pool_size" and shape else shape
        # Its maps have 16 positions.
        if size != shape and choices["sparsity"] == "k_sparse":
            size["k"] = 3
        changed = built_or_refused(name, {**choices, **size, argument: OTHER[argument]})
        assert changed != plain, argument
        assert changed.startswith((f"{argument} has no effect", "{")), changed


def test_every_recipe_and_every_published_result_still_builds():
    recorded = [(recipe.model, dict(recipe.arguments)) for recipe in recipe_book.read().values()]
    for path in weights.FOLDER.glob(f"*/{weights.RESULT}"):
        recipe = json.loads(path.read_text())["recipe"]
        recorded.append((recipe["model"], recipe["arguments"]))
    assert len(recorded) > len(recipe_book.read())
    # JSON makes lists of tuples: both are to be taken.
    for model, arguments in {json.dumps(pair): pair for pair in recorded}.values():
        shape = {"input_shape": (140, 1)} if model == "lstm" else {}
        zoo.get(model, **shape, **json.loads(json.dumps(arguments)))
        # As `zoo.get` does that loads weights: with all defaults spelt out.
        zoo.get(model, **{**registry.defaults(model), **shape, **arguments})


def test_a_recipe_takes_numbers_of_numpy(tmp_path):
    arguments = {"latent_dim": np.int64(3), "hidden": (np.int32(5),)}
    numbers = {"epochs": np.int64(2), "learning_rate": np.float32(0.5), "arguments": arguments}
    recipe = zoo.Recipe(name="mine", model="dense", data="digits", **numbers)
    assert json.loads(json.dumps(recipe.to_json()))["arguments"] == {"latent_dim": 3, "hidden": [5]}
    assert (recipe.epochs, recipe.learning_rate) == (2, 0.5)
