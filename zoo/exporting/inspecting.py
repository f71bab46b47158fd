"""Reading the metadata of a `.tflite` file that the zoo wrote, as rows of tables."""

from pathlib import Path
from typing import Any

import zoo
from zoo.edge import metadata
from zoo.exporting.file_summary import operators
from zoo.exporting.tflite_variants import VARIANTS


def inspect(path: Path) -> dict[str, Any]:
    """Return a file's metadata, see `zoo.edge.metadata`, with its `bytes` and `operators`.

    Raises:
        InputError: There is no such file, it is damaged, or the zoo did not write it.
    """
    if not path.is_file():
        raise zoo.InputError(f"There is no file {path}: check the path.")
    try:
        about = metadata.read(path.read_bytes())
    except zoo.InputError as error:
        raise zoo.InputError(f"{path} cannot be used: {error}.") from error
    return {**about, "bytes": path.stat().st_size, "operators": operators(path)}


def summary(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the result of `inspect` as rows of a table: what is told, and its value."""
    recipe, entry, threshold = found["recipe"], found["input"], found["threshold"]
    form = VARIANTS.get(found["variant"])
    mse, keras_mse = (found["figures"].get(name) for name in ("test_mse", "keras_test_mse"))
    bounds = "{:g} to {:g}".format(*entry["range"]) if entry["range"] else "any"
    # A file that only decodes takes codes.
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
    """Return the signatures in the result of `inspect` as rows: name, input and output."""
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
