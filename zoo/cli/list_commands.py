"""`zoo list` and `zoo show`: what there is, and what it consists of."""

from typing import Annotated, Any

import typer

import zoo
from zoo import name_matching, recipe_book, registry
from zoo.cli.options import AsJson, Set, parse_arguments
from zoo.cli.terminal import frameworks, print_json, print_table, say


def list_(as_json: AsJson = False) -> None:
    """List the models, the trained weights and the recipes."""
    models = {name: registry.describe(name) for name in zoo.list_models()}
    trained = zoo.list_models(weights=True)
    recipes = recipe_book.read()
    if as_json:
        print_json(
            {
                "models": models,
                "weights": trained,
                "recipes": {name: recipe.to_json() for name, recipe in recipes.items()},
            }
        )
        return
    print_table("Models: zoo.get(NAME), zoo show NAME", ("model", "what it is"), models.items())
    print_table(
        "Trained weights: zoo.get(MODEL, weights=NAME)",
        ("model", "weights", "reached on the test split"),
        [(model, name, text) for model, found in trained.items() for name, text in found.items()],
    )
    print_table(
        "Recipes: zoo train NAME, zoo show NAME",
        ("recipe", "model", "data", "epochs"),
        [(name, r.model, r.data, str(r.epochs)) for name, r in recipes.items()],
    )


def show(
    name: Annotated[
        str, typer.Argument(help="Model or recipe, see `zoo list`, or your own recipe FILE.py.")
    ],
    set_: Set = None,
    as_json: AsJson = False,
) -> None:
    """Show a model's layers, shapes and parameters, or every field of a recipe."""
    if not name.endswith(".py"):
        name = name_matching.match(
            name, [*zoo.list_models(), *recipe_book.read()], "model or recipe"
        )
    if name in zoo.list_models():
        _show_model(name, parse_arguments(set_), as_json)
    elif set_:
        raise zoo.InputError(
            "--set goes with a model: `zoo train RECIPE --set ...` changes a recipe."
        )
    else:
        _show_recipe(name, as_json)


def _show_recipe(name: str, as_json: bool) -> None:
    recipe = recipe_book.get(name)
    if as_json:
        print_json(recipe.to_json())
        return
    fields = {**vars(recipe), "gates": "; ".join(map(str, recipe.gates)), "goal": recipe.goal}
    fields |= {"arguments": ", ".join(f"{k}={v!r}" for k, v in recipe.arguments.items())}
    rows = [(field, "-" if value in (None, "") else str(value)) for field, value in fields.items()]
    print_table(f"Recipe {recipe.name}: zoo train {name}", ("field", "value"), rows)


def _show_model(name: str, arguments: dict[str, Any], as_json: bool) -> None:
    with frameworks():
        model = zoo.get(name, **arguments)
    if not as_json:
        model.summary(expand_nested=True, print_fn=say)
        return
    halves = {"encoder": model.encoder, "decoder": model.decoder}
    print_json(
        {
            "name": model.name,
            "input_shape": model.sample_shape,
            "code_shape": model.code_shape,
            "latent_dim": model.latent_dim,
            "parameters": model.count_params(),
            **{half: [_describe_layer(layer) for layer in m.layers] for half, m in halves.items()},
        }
    )


def _describe_layer(layer: Any) -> dict[str, Any]:
    return {
        "name": layer.name,
        "type": type(layer).__name__,
        "output_shape": layer.output.shape[1:],
        "parameters": layer.count_params(),
    }
