"""What a model card says of how to use the model."""

from typing import Any

from zoo.artefact_names import KERAS_FILE, RESULT, SAVED_MODEL, TFLITE_FILE


def use_section(result: dict[str, Any], published: bool) -> str:
    """Return code that uses the files of the folder, and what else can be done with them.

    Args:
        result: What `result.json` holds.
        published: Whether the weights come with the package.
    """
    recipe = result["recipe"]
    name, model = recipe["name"], recipe["model"]
    block = "\n".join(["```python", *_in_python(result), *_on_a_device(result), "```"])
    sentences = [
        "`zoo verify FOLDER`, where FOLDER is the folder of this card, checks each file and "
        "measures its figures again."
    ]
    if SAVED_MODEL in result["artefacts"]:
        sentences.insert(0, f"`{SAVED_MODEL}/` is for TensorFlow Serving.")
    if published:
        weights = name.removeprefix(f"{model}_")
        sentences.append(
            f'`zoo.get("{model}", weights="{weights}")` loads this model by its name. '
            f"`zoo reproduce {name}` trains it again from another seed and compares the figures."
        )
    sentences.append(f"All settings, seeds, software versions and figures are in `{RESULT}`.")
    return f"{block}\n\n{' '.join(sentences)}"


def _in_python(result: dict[str, Any]) -> list[str]:
    shape = ", ".join(map(str, result["data"]["sample_shape"]))
    lines = [
        "import numpy as np",
        "",
        "import zoo",
        "",
        f'x = np.zeros((1, {shape}), "float32")  # {result["data"]["scaling"]}',
        f'model = zoo.load("{KERAS_FILE}")',
        f"codes = model.encoder.predict(x)  # (1, {_code_shape(result)})",
        f"{_outputs(result)} = model.predict(x)",
    ]
    if threshold := result["artefacts"].get(TFLITE_FILE, {}).get("threshold"):
        lines.append(
            f"anomalous = model.score(x) > {threshold['score']:.4g}"
            f"  # {threshold['quantile']:.1%} of the validation scores are lower"
        )
    if _has_prior(result):
        drawn = "probabilities of 1" if result["recipe"]["binarize"] else "new samples"
        lines.append(f"drawn = zoo.sample(model, n=10, seed=0)  # {drawn}")
    return lines


def _on_a_device(result: dict[str, Any]) -> list[str]:
    artefact = result["artefacts"].get(TFLITE_FILE)
    if artefact is None:
        return []
    lines = [
        "",
        "# On a device, without TensorFlow and Keras:",
        f'model = zoo.edge.load("{TFLITE_FILE}")',
        f"{_outputs(result)} = model.reconstruct(x)",
    ]
    if "threshold" in artefact:
        lines.append("anomalous = model.score(x) > model.threshold")
    if _has_prior(result):
        shape = f"(10, {_code_shape(result)})"
        codes = f'np.random.default_rng(0).standard_normal({shape}, "float32")'
        lines.append(f"drawn = model.generate({codes})")
    return lines


def _outputs(result: dict[str, Any]) -> str:
    return "denoised" if "test_mse_noisy" in result.get("figures", {}) else "reconstructions"


def _has_prior(result: dict[str, Any]) -> bool:
    return "kl_nats" in result.get("figures", {})


def _code_shape(result: dict[str, Any]) -> str:
    # Results of earlier versions hold the number of values alone: their codes are vectors.
    return ", ".join(map(str, result.get("code_shape", [result["latent_dim"]])))
