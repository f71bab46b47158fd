"""`zoo train` and `zoo reproduce`."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo import recipe_book
from zoo.cli.options import AsJson, DataDir, Download, Tolerance, Variants, parse_variants
from zoo.cli.recipe_options import change, parameters
from zoo.cli.terminal import frameworks, print_files, print_json, print_table, say
from zoo.recipe import Precision, Recipe, Strategy

if TYPE_CHECKING:
    from zoo.pipeline.train import Trained

Smoke = Annotated[bool, typer.Option("--smoke", help="Run in seconds, to try it out.")]
StrategyOption = Annotated[
    Strategy, typer.Option(help="One device, or mirrored over all; auto: over several GPUs.")
]
PrecisionOption = Annotated[
    Precision, typer.Option(help="What training computes in; weights stay float32.")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the result of another run of the same name.")
]
Out = Annotated[Path, typer.Option(help="Folder for the recipe's folder.")]


def make_command(*recipes: Recipe) -> Callable[..., None]:
    """Return the command that trains a recipe; of it or of these.

    Args:
        recipes: What to train; none lets the command line name it.
    """

    def train(
        recipe: Annotated[
            str, typer.Argument(help="Recipe, see `zoo list`, or your own recipe FILE.py.")
        ] = "",
        smoke: Smoke = False,
        strategy: StrategyOption = "auto",
        precision: PrecisionOption = "float32",
        variants: Variants = None,
        tolerance: Tolerance = None,
        overwrite: Overwrite = False,
        data_dir: DataDir = None,
        download: Download = False,
        out: Out = Path("saved_models"),
        as_json: AsJson = False,
        **fields: Any,
    ) -> None:
        chosen = [change(r, fields) for r in recipes or [recipe_book.get(recipe)]]
        names = parse_variants(variants)
        with frameworks():
            from zoo.pipeline.train import train as run
        trained = []
        for one in chosen:
            trained.append(
                run(
                    one.smoke() if smoke else one,
                    out=out,
                    strategy=strategy,
                    precision=precision,
                    variants=names,
                    tolerance=tolerance,
                    overwrite=overwrite,
                    data_dir=data_dir,
                    download=download,
                )
            )
            if not as_json:
                _print(trained[-1])
        if as_json:
            found = [{"folder": str(each.folder), **each.result} for each in trained]
            print_json(found if len(found) > 1 else found[0])

    train.__doc__ = "Train a recipe, export and verify the model, and record the result."
    own = list(inspect.signature(train).parameters.values())[:-1]
    own[0] = own[0].replace(default=inspect.Parameter.empty)
    options = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own[1:]]
    positional = [] if recipes else own[:1]
    _take(train, [*positional, *parameters(), *options])
    return train


def _take(function: Any, parameters: list[inspect.Parameter]) -> None:
    """Let a function say that it takes these parameters, as Typer reads it."""
    function.__signature__ = inspect.Signature(parameters)
    function.__annotations__ = {p.name: p.annotation for p in parameters}


def _print(trained: "Trained") -> None:
    from zoo.results.tables import figures_table

    columns, *rows = figures_table(trained.result["figures"])
    print_table("Test split", columns, rows)
    print_files(trained.result["artefacts"])
    say(f"Written to {trained.folder}")


def reproduce(
    recipe: Annotated[str, typer.Argument(help="Published recipe, see `zoo results`.")],
    seed: Annotated[
        int | None, typer.Option(help="Seed to train from; else one that was not published.")
    ] = None,
    seeds: Annotated[
        int, typer.Option(help="Seeds to train from; their figures are averaged.")
    ] = 1,
    strategy: StrategyOption = "auto",
    data_dir: DataDir = None,
    download: Download = False,
    as_json: AsJson = False,
) -> None:
    """Train a published recipe again from another seed, and compare with its figure."""
    with frameworks():
        from zoo.pipeline import reproduce as reproducing
    found = reproducing.reproduce(
        recipe, seed=seed, seeds=seeds, strategy=strategy, data_dir=data_dir, download=download
    )
    if as_json:
        print_json(found)
    else:
        say(_verdict(recipe, found))
    if found["inside"] is False:
        raise typer.Exit(1)


def _verdict(recipe: str, found: dict[str, Any]) -> str:
    mean = "a mean" if len(found["values"]) > 1 else "a"
    reached = (
        f"{recipe} from {len(found['values'])} seed(s), the first {found['seed']}, reached {mean} "
        f"{found['label']} of {found['text']}; published is {found['published']}"
    )
    if found["inside"] is None:
        return f"{reached}, of one seed: there is no interval to judge by."
    low, high = found["interval"]
    place, verdict = ("in", "is") if found["inside"] else ("outside", "is not")
    return (
        f"{reached} over {found['seeds']} seeds. The difference of {found['difference']:+.3g} lies "
        f"{place} the 95 % interval of Student's t, {low:+.3g} to {high:+.3g}: the result "
        f"{verdict} reproduced."
    )
