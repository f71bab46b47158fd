"""Run artefacts the way their users would; a program of its own, started in a fresh process.

    python -m recipes.reloading FOLDER INPUTS OUTPUTS

reads samples from INPUTS (`.npy`) and writes to the folder OUTPUTS, for every artefact in FOLDER,
`<artefact>.npz`: what it makes of them, see `run`, or why it does not run (`error`). It prints the
name of each as it is done.

Each kind imports what that kind's user has, and those who have least come first: the TFLite file
is run before TensorFlow is loaded, the SavedModel before the zoo's Keras classes are.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zoo import edge

BATCH_SIZE = 200
# So many of the samples are also run one by one.
SINGLES = 8


Function = Callable[[np.ndarray], np.ndarray]


def load_tflite(path: str) -> dict[str, Function]:
    model = edge.load(path)
    return {name: getattr(model, name) for name in edge.SIGNATURES}


def load_saved_model(path: str) -> dict[str, Function]:
    import tensorflow as tf

    # The object must stay referenced: its variables go with it.
    saved_model = tf.saved_model.load(path)

    def endpoint(name: str) -> Function:
        def call(x: np.ndarray) -> np.ndarray:
            (output,) = getattr(saved_model, name)(x).values()
            return output.numpy()

        return call

    return {name: endpoint(name) for name in edge.SIGNATURES}


def load_keras(path: str) -> dict[str, Function]:
    import zoo

    model = zoo.load(path)
    return {
        "reconstruct": lambda x: np.asarray(model(x, training=False)),
        "encode": lambda x: np.asarray(model.encoder(x, training=False)),
        "decode": lambda x: np.asarray(model.decoder(x, training=False)),
    }


LOADERS = {"model.tflite": load_tflite, "saved_model": load_saved_model, "model.keras": load_keras}


def run(functions: dict[str, Function], samples: np.ndarray) -> dict[str, np.ndarray]:
    """Return what an artefact's functions make of the samples.

    `batched` and `singles` are reconstructions, `decoded` is decode(encode(x)) in batches, and
    `scores`, where the artefact has them, are one per sample.
    """
    batches = [samples[i : i + BATCH_SIZE] for i in range(0, len(samples), BATCH_SIZE)]
    singles = [samples[i : i + 1] for i in range(min(SINGLES, len(samples)))]
    reconstruct, encode, decode = (functions[name] for name in ("reconstruct", "encode", "decode"))
    outputs = {
        "batched": [reconstruct(batch) for batch in batches],
        "singles": [reconstruct(single) for single in singles],
        "decoded": [decode(encode(batch)) for batch in batches],
    }
    if "score" in functions:
        outputs["scores"] = [functions["score"](batch) for batch in batches]
    return {name: np.concatenate(parts) for name, parts in outputs.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("folder", "inputs", "outputs"):
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()

    samples = np.load(arguments.inputs, allow_pickle=False)
    for name, load in LOADERS.items():
        try:
            outputs = run(load(str(arguments.folder / name)), samples)
        # Each runtime raises errors of its own on a file that is not right.
        except Exception as error:
            outputs = {"error": np.array(f"{type(error).__name__}: {error}")}
        part = arguments.outputs / "part.npz"
        np.savez(part, allow_pickle=False, **outputs)
        part.rename(arguments.outputs / f"{name}.npz")
        print(name, flush=True)


if __name__ == "__main__":
    main()
