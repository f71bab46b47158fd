"""The model card of a result: the README.md in its folder."""

from collections.abc import Iterable, Sequence
from typing import Any

from recipes import book
from recipes.data_sources import CLASS_NAMES, SOURCES
from recipes.headline import BASELINES, FIGURES
from recipes.recipe import KERAS_FILE, SAVED_MODEL, TFLITE_FILE, Gate
from zoo.registry import defaults, describe

CARD_FILE = "README.md"

# What a model is good for, and what not.
PURPOSES = {
    "conv": (
        "Compressing images like the training data to a short code, and features of such images.",
        "Images of another kind, size or scale; it knows nothing but its training data.",
    ),
    "denoising": (
        "Removing noise of the kind and strength that it was trained with from such data.",
        "Other noise, and measurements: it makes up details that are likely, not those that were.",
    ),
    "dense": (
        "Compressing samples like the training data to a short code, and a baseline for others.",
        "Images that are shifted or scaled: each pixel has weights of its own.",
    ),
    "lstm": (
        "Compressing sequences like the training data to a short code, and telling unusual ones.",
        "Sequences of another length or scale, and diagnosis of any kind.",
    ),
    "sparse": (
        "Features of which few are active for a sample, such as for a linear classifier.",
        "Compression to few values: its code is long.",
    ),
    "vae": (
        "Generating samples like the training data, and a smooth code to walk through.",
        "Sharp reconstructions: a plain autoencoder with as large a code makes smaller errors. And "
        "some of what it generates is nothing in particular, as the picture shows.",
    ),
}
DETECTION = (
    "Telling samples that are unlike {normal} by their reconstruction error.",
    "Naming what an anomaly is, data of another kind, size or scale, and diagnosis of any kind.",
)
ANOMALIES = "![Normal test samples and anomalies, each with what it makes of it](anomalies.png)"
PICTURES = {
    "vae": (
        "![Decoded from codes drawn from the prior](samples.png)",
        "![One code unit after the other, from -2.5 to 2.5](traversals.png)",
    ),
}
CORRUPTIONS = {
    "gaussian": "Gaussian noise of standard deviation {strength:g} is added to inputs",
    "masking": "of an input's values a share of {strength:g} is set to 0",
    "salt_and_pepper": "of an input's values a share of {strength:g} is set to 0 or 1",
}
# What each figure is, and by which protocol.
MEANINGS = {
    "test_mse": "mean squared error per value",
    "test_bce": "mean binary cross-entropy per value, in nats",
    "test_psnr": "mean peak signal-to-noise ratio of an image, in decibels",
    "test_ssim": "mean structural similarity of an image, at most 1",
    "linear_probe": "test accuracy of logistic regression on standardised codes; its penalty is "
    "chosen on the validation split",
    "code_sparsity": "Hoyer's sparsity of the codes: 0 for all units equal, 1 for one active unit",
    "auc": "area under the ROC curve of the reconstruction error",
    "ap": "average precision of the reconstruction error",
    "accuracy": "share told right at the threshold with the largest true positive rate less false "
    "positive rate, of the training split's anomalies and normal validation samples",
    "f1": "F1 of the anomalies at that threshold",
    "nll_nats": "negative log-likelihood in nats, by 5,000 importance samples for each image",
    "elbo_nats": "negative evidence lower bound, in nats",
    "reconstruction_nats": "the bound without the KL divergence",
    "kl_nats": "KL divergence of the code from the prior, in nats",
    "active_units": "units whose mean varies by more than 0.01 over the test split",
}
COLUMNS = {
    "_mean": "training mean",
    "_pca": "PCA, code as large",
    "_raw": "raw values",
    "_noisy": "the noisy input",
    "_filter": "Gaussian filter",
    "_forest": "isolation forest",
}


def model_card(result: dict[str, Any]) -> str:
    """Return a result's model card in Markdown."""
    recipe, artefacts = result["recipe"], result["artefacts"]
    name, model, data = recipe["name"], recipe["model"], recipe["data"]
    good, bad = PURPOSES.get(model, ("What its recipe is for.", "Data of another kind."))
    shown = "Test samples"
    if recipe["normal_label"] is not None:
        shown = "Normal test samples"
        good, bad = (text.format(normal=_normal(recipe)) for text in DETECTION)
    sections = [
        f"# {name}",
        f"`{model}`, trained on `{data}`, with a code of {result['latent_dim']}: {describe(model)}",
        f"![{shown}, and what it makes of them](reconstructions.png)",
        *PICTURES.get(model, ()),
        *([ANOMALIES] if recipe["normal_label"] is not None else ()),
        f"**For:** {good}\n\n**Not for:** {bad}\n\n**Licence:** MIT; that of the data is below.",
        "## Data",
        _data(result),
        "## Figures",
        _figures(result),
        "## Files",
        _files(artefacts, recipe["goal"]["figure"]),
        "## Use",
        _use(result),
    ]
    return "\n\n".join(sections) + "\n"


def _data(result: dict[str, Any]) -> str:
    data, recipe = result["data"], result["recipe"]
    counts = ", ".join(f"{count:,} {split}" for split, count in data["samples"].items())
    sentences = []
    if data["name"] in SOURCES:
        what, source, licence = SOURCES[data["name"]]
        sentences.append(f"{what}. Source: {source}. Licence: {licence}.")
    sentences.append(
        f"Version {data['version']}; samples: {counts}. The test split chose nothing: neither "
        "settings nor weights."
    )
    if recipe["binarize"]:
        sentences.append(
            "Each pixel was drawn as 0 or 1 with its grey level as the probability: for training "
            "afresh each epoch, for validation and test once, by the seed 0."
        )
    if recipe["model"] == "denoising":
        arguments = {**defaults("denoising"), **recipe["arguments"]}
        what = CORRUPTIONS[arguments["corruption"]].format(**arguments)
        cut = ", and the sum cut off at 0 and 1" if arguments["clip"] else ""
        sentences.append(
            f"To denoise: {what}{cut}, in training afresh each time, for the test by a fixed seed."
        )
    if recipe["normal_label"] is not None:
        sentences.append(
            f"Trained on {_normal(recipe)} alone (label {recipe['normal_label']}); the other "
            "classes of the training split served to choose the threshold of accuracy and F1, the "
            "test split holds all classes."
        )
    return " ".join(sentences)


def _normal(recipe: dict[str, Any]) -> str:
    names = dict(enumerate(CLASS_NAMES.get(recipe["data"], ())))
    return names.get(recipe["normal_label"], f"class {recipe['normal_label']}")


def _figures(result: dict[str, Any]) -> str:
    recipe, figures, headline = result["recipe"], result["figures"], result["headline"]
    ends = [end for end in BASELINES if any(f"{own}{end}" in figures for own in MEANINGS)]
    rows = [
        (f"`{own}`", *(_text(figures.get(f"{own}{end}")) for end in ("", *ends)), meaning)
        for own, meaning in MEANINGS.items()
        if own in figures
    ]
    columns = ("figure", "this model", *(COLUMNS[end] for end in ends), "what it is")
    runs = [run for run in result["runs"] if run["figures"]]
    tested = result["data"]["samples"]["test"]
    part = f"{tested:,} samples of" if recipe["max_samples"] else f"the {tested:,} samples of"
    sentences = [f"On {part} the test split."]
    if found := result["data"].get("test_anomalies"):
        share = found / tested
        sentences.append(
            f"{found:,} of them are anomalies, and count in the errors too; calling every sample "
            f"an anomaly has an accuracy and average precision of {share:.3f} and an F1 of "
            f"{2 * share / (1 + share):.3f}."
        )
    if headline["spread"]:
        sentences.append(
            f"Mean and standard deviation of the {headline['label']} over {len(runs)} seeds: "
            f"{headline['spread']}; published is the one with the best validation loss."
        )
    if (window := recipe["arguments"].get("score_window", 1)) > 1:
        sentences.append(
            f"Anomaly scores, those of PCA too, average errors over windows of {window} x {window} "
            "pixels ahead of squaring."
        )
    if (codes := recipe.get("importance_samples", 1)) > 1:
        sentences.append(
            f"Trained on the importance-weighted bound of {codes} codes (Burda et al. 2015), not "
            "on the ELBO."
        )
    goal = Gate(**recipe["goal"])
    if goal != Gate(goal.figure):
        verdict = "reached" if headline["reached"] else "missed"
        sentences.append(f"Goal, {goal}: {verdict}.")
    if headline["reference"]:
        sentences.append(f"Others reached: {headline['reference']}.")
    seconds = sum(run["seconds"] for run in result["runs"]) / len(result["runs"])
    sentences.append(
        f"A seed trained for {seconds / 60:.1f} minutes on average, on these logical CPUs: "
        f"{result['hardware']['cpu']}."
    )
    return f"{_table(columns, rows)}\n\n{' '.join(sentences)}"


def _files(artefacts: dict[str, Any], figure: str) -> str:
    own = [name for name in dict.fromkeys((figure, "test_mse")) if name in artefacts[KERAS_FILE]]
    rows = [
        (f"`{name}`", f"{entry['bytes']:,}", *(f"{entry[figure]:.5f}" for figure in own))
        for name, entry in artefacts.items()
    ]
    return _table(("file", "bytes", *(f"its own {FIGURES[name].label}" for name in own)), rows)


def _use(result: dict[str, Any]) -> str:
    recipe, artefacts = result["recipe"], result["artefacts"]
    name, model, latent_dim = recipe["name"], recipe["model"], result["latent_dim"]
    shape = ", ".join(map(str, result["data"]["sample_shape"]))
    reconstructed = "denoised" if model == "denoising" else "reconstructions"
    keras, device = [], []
    if threshold := artefacts[TFLITE_FILE].get("threshold"):
        below = f"{threshold['quantile']:.1%} of validation scores are lower"
        keras.append(f"anomalous = model.score(x) > {threshold['score']:.4g}  # {below}")
        device.append("anomalous = model.score(x) > model.threshold")
    if model == "vae":
        drawn = f"{'probabilities of 1' if recipe['binarize'] else 'samples'}, from the prior"
        keras.append(f"drawn = zoo.sample(model, n=10, seed=0)  # {drawn}")
        codes = f'np.random.default_rng(0).standard_normal((10, {latent_dim}), "float32")'
        device.append(f"drawn = model.generate({codes})")
    lines = [
        "import numpy as np",
        "",
        "import zoo",
        "",
        f'x = np.zeros((1, {shape}), "float32")  # {result["data"]["scaling"]}',
        f'model = zoo.load("{KERAS_FILE}")',
        f"codes = model.encoder.predict(x)  # (1, {latent_dim})",
        f"{reconstructed} = model.predict(x)",
        *keras,
        "",
        "# On a device, without TensorFlow and Keras:",
        f'model = zoo.edge.load("{TFLITE_FILE}")',
        f"{reconstructed} = model.reconstruct(x)",
        *device,
    ]
    block = "\n".join(["```python", *lines, "```"])
    sentences = [
        f"`{SAVED_MODEL}/` is for TensorFlow Serving.",
        "`zoo verify FOLDER`, with the folder of this card, measures every file and every figure "
        "of this model again.",
    ]
    if name in book.NAMES and (stands := book.get(name)).gates and stands.matches(recipe):
        weights = name.removeprefix(f"{model}_")
        sentences.append(
            f'What is published of this recipe is `zoo.get("{model}", weights="{weights}")`; '
            f"`zoo reproduce {name}` trains it anew and compares."
        )
    sentences.append("Seeds, versions and all figures are in `result.json`.")
    return f"{block}\n\n{' '.join(sentences)}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    words = ("figure", "file", "what it is")
    rule = ["---" if column in words else "---:" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [columns, rule, *rows])


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.4g}"
