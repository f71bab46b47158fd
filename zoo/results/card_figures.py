"""What a model card says of the figures and the files."""

from typing import Any

from zoo.artefact_names import KERAS_FILE, SAVED_MODEL
from zoo.evaluation.baseline_table import BASELINES
from zoo.evaluation.figure_table import FIGURES
from zoo.exporting.tflite_variants import variant_of
from zoo.quality_gate import Gate
from zoo.results.result import is_trained
from zoo.results.tables import markdown

FILES = {
    KERAS_FILE: "Keras model, for Python and further training",
    SAVED_MODEL: "TensorFlow SavedModel, for TensorFlow Serving",
}


def figures_section(result: dict[str, Any]) -> str:
    """Return a table of all figures, and what there is to know about them."""
    figures = result["figures"]
    own = [name for name in FIGURES if name in figures]
    beside = [name for name in BASELINES if any(f"{figure}_{name}" in figures for figure in own)]
    columns = ("figure", "this model", *(BASELINES[b].label for b in beside), "unit", "what it is")
    body = [
        (
            f"`{name}`",
            *(_text(figures.get(key)) for key in (name, *(f"{name}_{b}" for b in beside))),
            FIGURES[name].unit,
            FIGURES[name].meaning,
        )
        for name in own
    ]
    sentences = [*_about_data(result), *_about_training(result)]
    return f"{markdown(columns, body)}\n\n{' '.join(sentences)}"


def _about_data(result: dict[str, Any]) -> list[str]:
    recipe, tested = result["recipe"], result["data"]["samples"]["test"]
    part = f"{tested:,} samples" if recipe["max_samples"] else f"all {tested:,} samples"
    sentences = [f"Measured on {part} of the test split."]
    if found := result["data"].get("test_anomalies"):
        share = found / tested
        sentences.append(
            f"{found:,} of them are anomalies, and the reconstruction errors include them. For "
            "comparison, calling every sample an anomaly gives an accuracy and an average "
            f"precision of {share:.3f} and an F1 score of {2 * share / (1 + share):.3f}."
        )
    if (window := recipe["arguments"].get("score_window", 1)) > 1:
        sentences.append(
            "The anomaly score averages the errors of a reconstruction over windows of "
            f"{window} x {window} pixels before they are squared, for PCA as well."
        )
    return sentences


def _about_training(result: dict[str, Any]) -> list[str]:
    recipe, headline, runs = result["recipe"], result["headline"], result["runs"]
    sentences = []
    if headline["spread"]:
        sentences.append(
            f"Over {headline['seeds']} seeds, the mean and standard deviation of the "
            f"{headline['label']} are {headline['spread']}. This model comes from the seed with "
            "the best validation loss."
        )
    if (codes := recipe.get("importance_samples", 1)) > 1:
        sentences.append(
            f"Training used the importance-weighted bound with {codes} codes for each sample "
            "(Burda et al. 2015) in place of the ELBO."
        )
    goal = Gate(**recipe["goal"])
    if goal.bounds:
        verdict = "reached" if headline["reached"] else "missed"
        mean = "the mean over the seeds" if headline["spread"] else "the model"
        sentences.append(f"The goal for {mean} was `{goal.figure}`{_bounds(goal)}: {verdict}.")
    if headline["reference"]:
        sentences.append(f"Results of others: {headline['reference']}.")
    seconds = sum(run["seconds"] for run in runs) / len(runs)
    hardware = result["hardware"]
    devices = ", ".join([f"{hardware['cpu']} (logical CPUs)", *hardware["gpus"]])
    sentences.append(f"Training one seed took {seconds / 60:.1f} minutes on average on {devices}.")
    return sentences


def _bounds(goal: Gate) -> str:
    return str(goal).removeprefix(goal.figure)


def files_section(result: dict[str, Any]) -> str:
    """Return a table of the files, each with the figures that it reaches itself."""
    artefacts = result["artefacts"]
    figure = result["headline"]["figure"] if is_trained(result) else "test_mse"
    own = [name for name in dict.fromkeys((figure, "test_mse")) if name in artefacts[KERAS_FILE]]
    columns = (
        "file",
        "what it is",
        "bytes",
        *(f"{FIGURES[name].label} of the file" for name in own),
    )
    body = [
        (
            f"`{name}`",
            FILES.get(name) or f"TFLite, {variant_of(name).description}",
            f"{entry['bytes']:,}",
            *(f"{entry[figure]:.5f}" if figure in entry else "" for figure in own),
        )
        for name, entry in artefacts.items()
    ]
    return markdown(columns, body)


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.4g}"
