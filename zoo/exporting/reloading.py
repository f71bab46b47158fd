"""Running artefacts as their users do; a program of its own, started in a fresh process.

    python -m zoo.exporting.reloading FOLDER INPUTS OUTPUTS ARTEFACT... [--import FILE]...

reads samples and their codes from INPUTS (`.npz`). For each ARTEFACT of FOLDER it writes
`<artefact>.npz` into the folder OUTPUTS and prints the name. The file holds the outputs that `run`
returns, or the `error` if the artefact does not run.

Each kind of artefact must run with only the packages that its users have. So TFLite files must come
first, before TensorFlow is loaded; then a SavedModel, before the classes of the zoo's layers are
loaded; and a `.keras` file last. Each FILE is a Python file with classes of the model's layers; all
of them are run before the `.keras` file is loaded.
"""

import argparse
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from zoo import edge
from zoo.artefact_names import KERAS_FILE, SAVED_MODEL

BATCH_SIZE = 200
# Number of samples on which the other functions run where `reconstruct` has run on all.
CHECKED = 1000
# Number of samples that are also run one by one.
SINGLES = 8


Function = Callable[[np.ndarray], np.ndarray]


def load_tflite(path: Path) -> dict[str, Function]:
    model = edge.load(path)
    return {name: getattr(model, name) for name in model.signatures}


def load_saved_model(path: Path) -> dict[str, Function]:
    import tensorflow as tf

    # The functions keep this object referenced; without it its variables would be deleted.
    saved_model = tf.saved_model.load(str(path))

    def endpoint(name: str) -> Function:
        def call(x: np.ndarray) -> np.ndarray:
            (output,) = getattr(saved_model, name)(x).values()
            return output.numpy()

        return call

    names = set(saved_model.signatures) - {"serving_default"}
    return {name: endpoint(name) for name in names}


def load_keras(path: Path, sources: Sequence[Path] = ()) -> dict[str, Function]:
    import zoo
    from zoo.recipe_book import run_file

    for source in sources:
        # The file may import others beside it. At the end, so that they hide no installed package.
        sys.path.append(str(source.parent))
        run_file(source)
    model = zoo.load(path)
    return {
        "reconstruct": lambda x: np.asarray(model(x, training=False)),
        "encode": lambda x: np.asarray(model.encoder(x, training=False)),
        "decode": lambda x: np.asarray(model.decoder(x, training=False)),
        "score": model.score,
    }


def run(
    functions: dict[str, Function], samples: np.ndarray, codes: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the outputs of an artefact's functions for the samples.

    Args:
        functions: The functions that the artefact offers.
        samples: `(samples, *sample_shape)`.
        codes: Codes of the samples, `(samples, *code_shape)`, for an artefact that cannot encode.

    Returns:
        For each function that is offered: `reconstructions` of all samples, and `singles`, those of
        the first `SINGLES` samples one by one; `codes`, `decoded` (from the artefact's own codes if
        it encodes), `generated` and `scores` of the first `CHECKED` samples, or of all samples for
        an artefact without reconstructions.
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
    parser.add_argument("--import", dest="sources", type=Path, action="append", default=[])
    arguments = parser.parse_args()

    loaders = {
        SAVED_MODEL: load_saved_model,
        KERAS_FILE: functools.partial(load_keras, sources=arguments.sources),
    }
    with np.load(arguments.inputs, allow_pickle=False) as inputs:
        samples, codes = inputs["samples"], inputs["codes"]
    for name in arguments.artefacts:
        try:
            functions = loaders.get(name, load_tflite)(arguments.folder / name)
            outputs = run(functions, samples, codes)
        # Each runtime raises errors of its own for a file that is not right.
        except Exception as error:
            outputs = {"error": np.array(f"{type(error).__name__}: {error}")}
        part = arguments.outputs / "part.npz"
        np.savez(part, allow_pickle=False, **outputs)
        part.rename(arguments.outputs / f"{name}.npz")
        print(name, flush=True)


if __name__ == "__main__":
    main()
