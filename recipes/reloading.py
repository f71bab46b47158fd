"""Run artefacts the way their users would; a program of its own, started in a fresh process.

    python -m recipes.reloading FOLDER INPUTS OUTPUTS ARTEFACT...

reads samples and their codes from INPUTS (`.npz`) and writes to the folder OUTPUTS, for every
artefact of FOLDER that is named, `<artefact>.npz`: what it makes of them, see `run`, or why it does
not run (`error`). It prints the name of each as it is done.

Each kind imports what that kind's user has. So those who have least must come first: a TFLite file
before TensorFlow is loaded, a SavedModel before the zoo's Keras classes are.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recipes.recipe import KERAS_FILE, SAVED_MODEL
from zoo import edge

BATCH_SIZE = 200
# So many of the samples are run through the other functions where `reconstruct` has run on all.
CHECKED = 1000
# So many are also run one by one.
SINGLES = 8


Function = Callable[[np.ndarray], np.ndarray]


def load_tflite(path: Path) -> dict[str, Function]:
    model = edge.load(path)
    return {name: getattr(model, name) for name in model.signatures}


def load_saved_model(path: Path) -> dict[str, Function]:
    import tensorflow as tf

    # The object must stay referenced: its variables go with it.
    saved_model = tf.saved_model.load(str(path))

    def endpoint(name: str) -> Function:
        def call(x: np.ndarray) -> np.ndarray:
            (output,) = getattr(saved_model, name)(x).values()
            return output.numpy()

        return call

    names = set(saved_model.signatures) - {"serving_default"}
    return {name: endpoint(name) for name in names}


def load_keras(path: Path) -> dict[str, Function]:
    import zoo

    model = zoo.load(path)
    return {
        "reconstruct": lambda x: np.asarray(model(x, training=False)),
        "encode": lambda x: np.asarray(model.encoder(x, training=False)),
        "decode": lambda x: np.asarray(model.decoder(x, training=False)),
        "score": model.score,
    }


LOADERS = {KERAS_FILE: load_keras, SAVED_MODEL: load_saved_model}


def run(
    functions: dict[str, Function], samples: np.ndarray, codes: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what an artefact's functions make of the samples.

    Args:
        functions: What the artefact offers.
        samples: `(samples, *input_shape)`.
        codes: Codes of the samples, for an artefact that cannot encode.

    Returns:
        As far as it is offered: `reconstructions` of all samples and, of the first `SINGLES` one by
        one, `singles`; of the first `CHECKED`, or of all where nothing else judges the artefact,
        `codes`, `decoded` (its own codes if it has any), `generated` and `scores`.
    """
    outputs = {}
    count = len(samples)
    if "reconstruct" in functions:
        outputs["reconstructions"] = _batched(functions["reconstruct"], samples)
        singles = [functions["reconstruct"](sample[None]) for sample in samples[:SINGLES]]
        outputs["singles"] = np.concatenate(singles)
        count = CHECKED
    if "encode" in functions:
        codes = outputs["codes"] = _batched(functions["encode"], samples[:count])
    for name, output in (("decode", "decoded"), ("generate", "generated")):
        if name in functions:
            outputs[output] = _batched(functions[name], codes[:count])
    if "score" in functions:
        outputs["scores"] = _batched(functions["score"], samples[:count])
    return outputs


def _batched(function: Function, values: np.ndarray) -> np.ndarray:
    starts = range(0, len(values), BATCH_SIZE)
    return np.concatenate([function(values[start : start + BATCH_SIZE]) for start in starts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("folder", "inputs", "outputs"):
        parser.add_argument(name, type=Path)
    parser.add_argument("artefacts", nargs="+")
    arguments = parser.parse_args()

    with np.load(arguments.inputs, allow_pickle=False) as inputs:
        samples, codes = inputs["samples"], inputs["codes"]
    for name in arguments.artefacts:
        try:
            functions = LOADERS.get(name, load_tflite)(arguments.folder / name)
            outputs = run(functions, samples, codes)
        # Each runtime raises errors of its own on a file that is not right.
        except Exception as error:
            outputs = {"error": np.array(f"{type(error).__name__}: {error}")}
        part = arguments.outputs / "part.npz"
        np.savez(part, allow_pickle=False, **outputs)
        part.rename(arguments.outputs / f"{name}.npz")
        print(name, flush=True)


if __name__ == "__main__":
    main()
