"""The model card of a result: the README.md in its folder."""

from typing import Any

from zoo import registry
from zoo.data.sources_and_licences import CLASS_NAMES
from zoo.evaluation.recipe_figures import worse_than
from zoo.results.card_data import data_section
from zoo.results.card_figures import figures_section, files_section
from zoo.results.card_usage import use_section
from zoo.results.result import is_trained

# What a built-in model is good for, and what it is not good for.
PURPOSES = {
    "conv": (
        "compressing images like the training data to a short code, and for computing features of "
        "such images.",
        "images of another kind, size or scale. The model knows only its training data.",
    ),
    "denoising": (
        "removing noise of the kind and strength that the model was trained on, from samples like "
        "the training data.",
        "other kinds of noise, or for measurements. The model fills in details that are likely, "
        "but they may be wrong.",
    ),
    "dense": (
        "compressing samples like the training data to a short code, or as a baseline for other "
        "models.",
        "images that are shifted or scaled. Each pixel has its own weights, so the model does not "
        "recognise a shape that has moved.",
    ),
    "lstm": (
        "compressing sequences like the training data to a short code, and for detecting unusual "
        "sequences.",
        "sequences of another length or scale.",
    ),
    "sparse": (
        "computing features of which only a few are active for each sample, for example as the "
        "input of a linear classifier.",
        "compression to few values. The code is long.",
    ),
    "vae": (
        "generating samples like the training data, and for moving smoothly between samples by "
        "changing their codes.",
        "sharp reconstructions. A plain autoencoder with a code of the same size has smaller "
        "errors. Some generated samples do not look like anything in the training data, as the "
        "picture shows.",
    ),
}
OTHER_PURPOSE = (
    "compressing samples like the training data to a code, and for reconstructing them.",
    "samples of another kind, size or scale. The model knows only its training data.",
)
LICENCE = (
    "**Licence:** The weights are under the MIT licence. The data have a licence of their own, see "
    "below."
)
DETECTION = (
    "detecting samples that differ from {normal}, by their reconstruction error.",
    "naming the kind of an anomaly, for data of another kind, size or scale, or for medical "
    "diagnosis.",
)


def card(result: dict[str, Any], published: bool = False) -> str:
    """Return a result's model card in Markdown.

    Args:
        result: What `result.json` holds, of a trained recipe or of a model that was exported.
        published: Whether the zoo publishes these very weights, see `zoo.weights.is_published`:
            its card alone says how to get them by name, and their licence.
    """
    sections = [f"# {result['recipe']['name']}", _introduction(result)]
    if is_trained(result):
        sections += [*_pictures(result), _purpose(result)]
    if published:
        sections.append(LICENCE)
    sections += ["## Data", data_section(result, _normal(result))]
    if is_trained(result):
        sections += ["## Figures", figures_section(result)]
    sections += ["## Files", files_section(result), "## Use", use_section(result, published)]
    return "\n\n".join(sections) + "\n"


def _introduction(result: dict[str, Any]) -> str:
    recipe, latent_dim = result["recipe"], result["latent_dim"]
    data = f", trained on `{recipe['data']}`" if is_trained(result) else ""
    values = "1 value" if latent_dim == 1 else f"{latent_dim:,} values"
    text = f"The model `{recipe['model']}`{data}. Its code has {values}."
    if recipe["model"] in registry.list_names():
        text += f" About the model: {registry.describe(recipe['model'])}"
    return text


def _purpose(result: dict[str, Any]) -> str:
    normal = _normal(result)
    good, bad = PURPOSES.get(result["recipe"]["model"], OTHER_PURPOSE)
    if normal is not None:
        good, bad = (text.format(normal=normal) for text in DETECTION)
    if lost := worse_than(result["figures"]):
        return (
            "**Do not use it.** On the test split, this model is no better than "
            f"{' and '.join(lost)}."
        )
    return f"**Use it for** {good}\n\n**Do not use it for** {bad}"


def _pictures(result: dict[str, Any]) -> list[str]:
    normal, figures = _normal(result), result["figures"]
    shown = "Test samples" if normal is None else "Normal test samples"
    noisy = ", their corrupted inputs" if "test_mse_noisy" in figures else ""
    pictures = {"reconstructions.png": f"{shown}{noisy} and their reconstructions"}
    if "kl_nats" in figures:
        pictures |= {
            "samples.png": "Samples that were decoded from random codes",
            "traversals.png": (
                "In each row one value of the code runs from -2.5 to 2.5, and the others are 0"
            ),
        }
    if normal is not None:
        pictures["anomalies.png"] = (
            "Normal test samples and anomalies, each with its reconstruction"
        )
    undrawn = result.get("undrawn", {})
    return [f"![{text}]({name})" for name, text in pictures.items() if name not in undrawn]


def _normal(result: dict[str, Any]) -> str | None:
    """Return what is normal for a detector; None for any other model."""
    recipe = result["recipe"]
    label = recipe.get("normal_label")
    if label is None:
        return None
    names = dict(enumerate(CLASS_NAMES.get(recipe["data"], ())))
    return names.get(label, f"class {label}")
