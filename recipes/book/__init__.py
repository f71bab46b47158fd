"""The book of recipes: one module, one `RECIPE`, one name each, but for those of `CLASSES`."""

import difflib
import importlib

import zoo
from recipes.book.conv_fashion_mnist_classes import RECIPES as CLASSES
from recipes.recipe import Recipe

NAMES = (
    "conv_digits",
    "conv_fashion_mnist",
    *CLASSES,
    "conv_mnist",
    "dense_digits",
    "dense_mnist",
    "dense_mnist_3",
    "dense_toycar",
    "denoising_digits",
    "denoising_mnist",
    "lstm_digits",
    "lstm_ecg5000",
    "sparse_digits",
    "sparse_mnist",
    "vae_digits",
    "vae_mnist",
)


def get(name: str) -> Recipe:
    """Return the recipe of that name, in any case.

    Raises:
        InputError: No recipe has that name; the message lists the names and the nearest one.
    """
    if name.lower() not in NAMES:
        (nearest,) = difflib.get_close_matches(name.lower(), NAMES, n=1, cutoff=0)
        raise zoo.InputError(
            f"There is no recipe {name!r}: did you mean {nearest!r}? "
            f"The recipes are {', '.join(NAMES)}."
        )
    if name.lower() in CLASSES:
        return CLASSES[name.lower()]
    return importlib.import_module(f"recipes.book.{name.lower()}").RECIPE
