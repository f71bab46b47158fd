"""Reading what a `.tflite` file of the zoo says of itself."""

from pathlib import Path
from typing import Any

import zoo
from recipes.variants import VARIANTS
from recipes.verifying import operators
from zoo import metadata


def inspect(path: Path) -> dict[str, Any]:
    """Return a file's metadata, see `zoo.metadata`, with its `bytes` and `operators`.

    Raises:
        InputError: No such file, a damaged one, or one that the zoo did not write.
    """
    if not path.is_file():
        raise zoo.InputError(f"There is no file {path}.")
    try:
        about = metadata.read(path.read_bytes())
    except zoo.InputError as error:
        raise zoo.InputError(f"{path} cannot be used: {error}.") from error
    return {**about, "bytes": path.stat().st_size, "operators": operators(path)}


def summary(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what `inspect` found as rows of a table."""
    recipe, entry, threshold = found["recipe"], found["input"], found["threshold"]
    form = VARIANTS.get(found["variant"])
    mse, keras_mse = (found["figures"].get(name) for name in ("test_mse", "keras_test_mse"))
    bounds = "{:g} to {:g}".format(*entry["range"]) if entry["range"] else "any"
    # A decoder gets codes.
    samples = found["signatures"].keys() - {"decode", "generate"}
    chosen = threshold and f"{threshold['score']:.5f} (quantile {threshold['quantile']:g})"
    return [
        ("recipe", str(recipe.get("name"))),
        ("model", f"{recipe.get('model')} on {recipe.get('data')}, code of {found['latent_dim']}"),
        ("variant", found["variant"] + (f": {form.description}" if form else "")),
        ("bytes", f"{found['bytes']:,}"),
        ("input", entry["scaling"] if samples else "codes"),
        ("range", bounds if samples else "any"),
        ("test MSE", "not measured" if mse is None else f"{mse:.5f}"),
        ("Keras's test MSE", "not measured" if keras_mse is None else f"{keras_mse:.5f}"),
        ("threshold", chosen or "none"),
        ("made with", ", ".join(" ".join(map(str, item)) for item in found["versions"].items())),
        ("operators", ", ".join(found["operators"])),
    ]


def signatures(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the signatures that `inspect` found as rows of a table."""
    values = {name: _describe(name, entry) for name, entry in found["values"].items()}
    return [
        (name, values.get(before) or before, values.get(after) or after)
        for name, (before, after) in found["signatures"].items()
    ]


def _describe(name: str, value: dict[str, Any]) -> str:
    text = f"{name}: {value['dtype']} {tuple(value['shape'])}"
    if "scale" in value:
        text += f", {value['scale']:.4g} * (q - {value['zero_point']})"
    return text
