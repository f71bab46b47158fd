"""What a model card says of the data."""

from typing import Any

from zoo import registry
from zoo.data.sources_and_licences import SOURCES
from zoo.results.result import is_trained

# What the layer `zoo.layers.Corruption` does to an input.
CORRUPTIONS = {
    "gaussian": "Gaussian noise with a standard deviation of {strength:g} is added",
    "masking": "a share of {strength:g} of the values is set to 0",
    "salt_and_pepper": "a share of {strength:g} of the values is set to 0 or 1",
}


def data_section(result: dict[str, Any], normal: str | None) -> str:
    """Return what a card says of the data.

    Args:
        result: What `result.json` holds.
        normal: What is normal for a detector.
    """
    data = result["data"]
    if not is_trained(result):
        return (
            f"This model was exported without a recipe. {data['samples']['train']:,} samples were "
            f"passed for calibration, and every file was checked on {data['samples']['test']:,} of "
            "them."
        )
    recipe, sentences = result["recipe"], []
    if data["name"] in SOURCES:
        what, source, licence = SOURCES[data["name"]]
        sentences.append(f"{what}. Source: {source}. Licence of the data: {licence}.")
    counts = "{train:,} for training, {validation:,} for validation and {test:,} for testing"
    sentences.append(
        f"Version: {data['version']}. Samples: {counts.format(**data['samples'])}. Neither "
        "settings nor weights were chosen on the test split."
    )
    if recipe["binarize"]:
        sentences.append(
            "Each pixel is drawn as 0 or 1, with its grey level as the probability of 1. Training "
            "draws new values in each epoch; those of the validation and the test split were drawn "
            "once, with seed 0."
        )
    if "test_mse_noisy" in result["figures"]:
        sentences.append(_corruption(recipe))
    if normal is not None:
        sentences.append(
            f"The model was trained only on {normal} (label {recipe['normal_label']}). The other "
            "classes are anomalies: those of the training split were used to choose the threshold "
            "for accuracy and F1, and the test split holds all classes."
        )
    return " ".join(sentences)


def _corruption(recipe: dict[str, Any]) -> str:
    """Return how inputs are corrupted, as far as the arguments of the model tell."""
    arguments = recipe["arguments"]
    if recipe["model"] in registry.list_names():
        arguments = {**registry.defaults(recipe["model"]), **arguments}
    done = "inputs are corrupted"
    if arguments.get("corruption") in CORRUPTIONS and "strength" in arguments:
        done = CORRUPTIONS[arguments["corruption"]].format(**arguments)
        if arguments.get("clip"):
            done += ", and the result is clipped to [0, 1]"
    return (
        f"The model reconstructs clean samples from corrupted ones: {done}. Training corrupts the "
        "samples anew in each epoch; the test split is corrupted once, with a fixed seed."
    )
