"""Run artefacts the way their users would; a program of its own, started in a fresh process.

    python -m recipes.reloading FOLDER INPUTS OUTPUTS

reads samples from INPUTS (`.npy`) and writes to the folder OUTPUTS, for every artefact in FOLDER,
`<artefact>.npz`: what it makes of all samples in large batches (`batched`) and of the first few one
by one (`singles`), or why it does not run (`error`). It prints the name of each as it is done.

Each kind imports what that kind's user has, and those who have least come first: the TFLite file
is run before TensorFlow is loaded, the SavedModel before `zoo` is.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

BATCH_SIZE = 200
# So many of the samples are also run one by one.
SINGLES = 8


def load_tflite(path: str) -> Callable[[np.ndarray], np.ndarray]:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path)
    (inputs,), (outputs,) = interpreter.get_input_details(), interpreter.get_output_details()

    def invoke(x: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(inputs["index"], x.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(inputs["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(outputs["index"])

    return invoke


def load_saved_model(path: str) -> Callable[[np.ndarray], np.ndarray]:
    import tensorflow as tf

    # The object must stay referenced: its variables go with it.
    saved_model = tf.saved_model.load(path)
    return lambda x: saved_model.serve(x).numpy()


def load_keras(path: str) -> Callable[[np.ndarray], np.ndarray]:
    import zoo

    model = zoo.load(path)
    return lambda x: np.asarray(model(x, training=False))


LOADERS = {"model.tflite": load_tflite, "saved_model": load_saved_model, "model.keras": load_keras}


def run(
    run_batch: Callable[[np.ndarray], np.ndarray], samples: np.ndarray
) -> dict[str, np.ndarray]:
    """Return `batched` and `singles`, what an artefact makes of the samples."""
    starts = range(0, len(samples), BATCH_SIZE)
    batched = [run_batch(samples[start : start + BATCH_SIZE]) for start in starts]
    singles = [run_batch(samples[i : i + 1]) for i in range(min(SINGLES, len(samples)))]
    return {"batched": np.concatenate(batched), "singles": np.concatenate(singles)}


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
