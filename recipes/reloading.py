"""Run one artefact the way its user would; a program of its own, started in a fresh process.

    python -m recipes.reloading KIND PATH INPUTS OUTPUTS

reads samples from INPUTS (`.npy`) and writes to OUTPUTS (`.npz`) what the artefact makes of all of
them in large batches, and of the first few one by one. Each kind imports what that kind's user has:
a TFLite file is run with NumPy and LiteRT alone.
"""

import argparse
from collections.abc import Callable

import numpy as np

BATCH_SIZE = 200
# So many of the samples are also run one by one.
SINGLES = 8


def load_keras(path: str) -> Callable[[np.ndarray], np.ndarray]:
    import zoo

    model = zoo.load(path)
    return lambda x: np.asarray(model(x, training=False))


def load_saved_model(path: str) -> Callable[[np.ndarray], np.ndarray]:
    import tensorflow as tf

    # The object must stay referenced: its variables go with it.
    saved_model = tf.saved_model.load(path)
    return lambda x: saved_model.serve(x).numpy()


def load_tflite(path: str) -> Callable[[np.ndarray], np.ndarray]:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path)
    (inputs,), (outputs,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(x: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(inputs["index"], x.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(inputs["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(outputs["index"])

    return run


LOADERS = {"model.keras": load_keras, "saved_model": load_saved_model, "model.tflite": load_tflite}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=LOADERS)
    parser.add_argument("path")
    parser.add_argument("inputs")
    parser.add_argument("outputs")
    arguments = parser.parse_args()

    samples = np.load(arguments.inputs, allow_pickle=False)
    run = LOADERS[arguments.kind](arguments.path)
    starts = range(0, len(samples), BATCH_SIZE)
    batched = [run(samples[start : start + BATCH_SIZE]) for start in starts]
    singles = [run(samples[i : i + 1]) for i in range(min(SINGLES, len(samples)))]
    np.savez(arguments.outputs, batched=np.concatenate(batched), singles=np.concatenate(singles))


if __name__ == "__main__":
    main()
