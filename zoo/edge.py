"""Run an exported `.tflite` file with NumPy and LiteRT alone: no TensorFlow, no Keras.

model = zoo.edge.load("model.tflite")
reconstructions = model.reconstruct(x)
"""

import os
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from zoo.errors import InputError

SIGNATURES = ("reconstruct", "encode", "decode", "score")


class EdgeModel:
    """An exported autoencoder; every method takes and returns float32 batches of any size.

    Attributes:
        input_shape: Shape of one sample, without the batch axis.
        latent_dim: Size of the code.
    """

    def __init__(self, interpreter: Interpreter):
        self._runners = {name: interpreter.get_signature_runner(name) for name in SIGNATURES}
        self.input_shape = self._sample_shape("reconstruct")
        (self.latent_dim,) = self._sample_shape("decode")

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Return reconstructions, `(batch, *input_shape)` -> same shape."""
        return self._run("reconstruct", x)

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Return codes, `(batch, *input_shape)` -> `(batch, latent_dim)`."""
        return self._run("encode", x)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return reconstructions, `(batch, latent_dim)` -> `(batch, *input_shape)`."""
        return self._run("decode", codes)

    def score(self, x: np.ndarray) -> np.ndarray:
        """Return each sample's mean squared reconstruction error, `(batch, *input_shape)` ->
        `(batch,)`, in squared units of the data: the higher, the less like the training data.
        """
        return self._run("score", x)

    def _sample_shape(self, signature: str) -> tuple[int, ...]:
        (details,) = self._runners[signature].get_input_details().values()
        return tuple(int(size) for size in details["shape_signature"][1:])

    def _run(self, signature: str, values: np.ndarray) -> np.ndarray:
        values = np.asarray(values, "float32")
        wanted = self._sample_shape(signature)
        if values.shape[1:] != wanted or len(values) == 0:
            raise InputError(
                f"{signature} needs an array of shape (batch, {', '.join(map(str, wanted))}), but "
                f"got {values.shape}."
            )
        runner = self._runners[signature]
        (name,) = runner.get_input_details()
        (output,) = runner(**{name: values}).values()
        return output


def load(path: str | os.PathLike) -> EdgeModel:
    """Load a `.tflite` file that `zoo train` wrote.

    Args:
        path: A `model.tflite`.

    Raises:
        InputError: No such file, a damaged one, or one without the zoo's signatures.
    """
    if not Path(path).is_file():
        raise InputError(f"There is no file {path}.")
    try:
        return EdgeModel(Interpreter(os.fspath(path)))
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"{path} is damaged or no model of the zoo: {reason}") from error
