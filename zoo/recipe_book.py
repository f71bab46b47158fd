"""The book of recipes, and recipe files of one's own.

A recipe file is a Python file with a `RECIPE`, or with a list `RECIPES` of several that differ in
little. The book is the folder `recipes` of this project; its files go into the package.
"""

import functools
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zoo import name_matching
from zoo.artefact_names import packaged
from zoo.errors import InputError

if TYPE_CHECKING:
    from zoo.recipe import Recipe

FOLDER = packaged("recipes", beside="recipes")


@functools.cache
def read() -> dict[str, "Recipe"]:
    """Return every recipe of the book by its name, sorted."""
    found = {}
    for path in sorted(FOLDER.glob("[!_]*.py")):
        found |= {recipe.name: recipe for recipe in load(path)}
    return dict(sorted(found.items()))


def get(name: str) -> "Recipe":
    """Return a recipe by its name in the book, in any case, or by the path of its file.

    Raises:
        InputError: The book has no such recipe, or there is no such file, or none in it.
    """
    if not name.endswith(".py"):
        recipes = read()
        return recipes[name_matching.match(name, recipes, "recipe")]
    recipes = load(Path(name))
    if len(recipes) > 1:
        raise InputError(
            f"{name} holds {len(recipes)} recipes: run them all with `python {name}`, or name one "
            "as RECIPE."
        )
    return recipes[0]


def load(path: Path) -> list["Recipe"]:
    """Run a recipe file and return its recipes; models that it registers are there from then on.

    Raises:
        InputError: There is no such file, it fails, or it has neither `RECIPE` nor `RECIPES`.
    """
    from zoo.recipe import Recipe

    module = run_file(path)
    recipes = [*getattr(module, "RECIPES", ()), *filter(None, [getattr(module, "RECIPE", None)])]
    if not recipes or not all(isinstance(recipe, Recipe) for recipe in recipes):
        raise InputError(f"{path} has no recipe: let it set RECIPE = zoo.Recipe(...).")
    return recipes


def run_file(path: Path):
    """Run a Python file as a module of its own name and return it; `__name__` is not `__main__`.

    Raises:
        InputError: There is no such file, or it fails.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}: name a recipe of `zoo list` or a Python file.")
    spec = importlib.util.spec_from_file_location(f"zoo_file_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Where Keras and pickle look for the classes that it defines.
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except InputError:
        raise
    # The file is a person's own, and may raise anything.
    except Exception as error:
        raise InputError(f"{path} fails with {type(error).__name__}: {error}") from error
    return module
