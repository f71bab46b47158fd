"""Loading an exported `.tflite` file, and checking the values that go in and come out."""

import math
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from zoo import anomaly_scoring, array_checks
from zoo.edge import metadata, signature_calls
from zoo.errors import InputError


class EdgeModel:
    """An exported autoencoder; every method takes and returns batches of any size.

    Samples, reconstructions and scores are floats in the units of the data, whatever the type of
    the file: for an int8 file they are rounded to its grid, and clipped to its range where the data
    have no fixed range. Codes are floats too, but whole numbers where the encoder gives whole
    numbers.

    Several threads may call one model: they take turns, sample by sample. Threads that shall
    compute at the same time need a model each.

    Attributes:
        signatures: Which of the methods the file offers.
        input_shape: Shape of one sample, without the batch axis.
        code_shape: Shape of one sample's code; None for a file without a code.
        latent_dim: Number of values in one sample's code; None for a file of another program.
        threshold: Score above which a sample counts as an anomaly; None where none was set.
        metadata: What the file says about itself, see `zoo.edge.metadata`; empty for a file of
            another program.
    """

    def __init__(self, interpreter: Interpreter, about: dict[str, Any] | None):
        self._interpreter = interpreter
        # An interpreter has one set of tensors, which two threads would overwrite for each other.
        self._lock = threading.Lock()
        self.metadata = about or {}
        self.code_shape: tuple[int, ...] | None = None
        self._code_dtype = "float32"
        self._score_window = 1
        if about is None:
            self._calls = {"reconstruct": signature_calls.main_graph(interpreter)}
            shape = self._calls["reconstruct"].before["shape"][1:]
            self.input_shape = tuple(int(size) for size in shape)
            self.signatures = ("reconstruct", "score")
            self.latent_dim = self.threshold = self._range = None
        else:
            names = tuple(interpreter.get_signature_list())
            self._calls = {name: signature_calls.signature(interpreter, name) for name in names}
            scores = ("score",) if "reconstruct" in names and "score" not in names else ()
            self.signatures = (*names, *scores)
            self.input_shape = tuple(about["input"]["shape"])
            if code := about["values"].get("code"):
                self.code_shape, self._code_dtype = tuple(code["shape"][1:]), code["dtype"]
            self.latent_dim = about["latent_dim"]
            self.threshold = about["threshold"] and about["threshold"]["score"]
            self._range = about["input"]["range"]
            arguments = about["recipe"].get("arguments", {})
            self._score_window = arguments.get("score_window", 1)
            self._check_shapes()
        # All graphs must have run once before the states of LSTMs can be reset.
        for call in self._calls.values():
            call.run(np.zeros([1, *call.before["shape"][1:]], call.before["dtype"]))

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Return reconstructions, `(batch, *input_shape)` -> same shape."""
        return self._run("reconstruct", self._samples("reconstruct", x))

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Return codes, `(batch, *input_shape)` -> `(batch, *code_shape)`."""
        return self._run("encode", self._samples("encode", x))

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return reconstructions, `(batch, *code_shape)` -> `(batch, *input_shape)`."""
        return self._run("decode", self._codes("decode", codes))

    def generate(self, codes: np.ndarray) -> np.ndarray:
        """Return new samples of a VAE from codes drawn from N(0, 1), `(batch, *code_shape)` ->
        `(batch, *input_shape)`.
        """
        return self._run("generate", self._codes("generate", codes))

    def score(self, x: np.ndarray) -> np.ndarray:
        """Return each sample's mean squared reconstruction error, `(batch, *input_shape)` ->
        `(batch,)`, in squared units of the data: the higher, the less like the training data.

        A model with a `score_window` averages the errors over windows first, see
        `zoo.anomaly_scoring.score`.
        """
        if "score" in self._calls and self._calls["score"].before["dtype"] == np.float32:
            return self._run("score", self._samples("score", x))
        # An integer input is clipped, which would hide how far off an outlier is.
        samples = self._samples("score", x)
        scores = anomaly_scoring.score(self.reconstruct(samples), samples, self._score_window)
        return array_checks.finite("score", scores, samples)

    def _check_shapes(self) -> None:
        for name, call in self._calls.items():
            code = name in ("decode", "generate")
            shape = self.code_shape if code else self.input_shape
            if tuple(call.before["shape"][1:]) != shape:
                raise ValueError("its metadata contradict its graph")
        if self.code_shape is not None and math.prod(self.code_shape) != self.latent_dim:
            raise ValueError("its metadata contradict its graph")

    def _samples(self, name: str, x: Any) -> np.ndarray:
        self._check_offered(name)
        return array_checks.samples(name, x, self.input_shape, self._range)

    def _codes(self, name: str, codes: Any) -> np.ndarray:
        self._check_offered(name)
        assert self.code_shape is not None  # every decoder has a code, see `_check_shapes`
        return array_checks.codes(name, codes, self.code_shape, self._code_dtype)

    def _run(self, name: str, values: np.ndarray) -> np.ndarray:
        call = self._calls[name]
        outputs = []
        for i in range(len(values)):
            try:
                with self._lock:
                    # Otherwise a fused LSTM starts from the state that the last sample left.
                    self._interpreter.reset_all_variables()
                    outputs.append(call(values[i : i + 1]))
            except RuntimeError as error:
                if values.dtype.kind == "f":
                    raise
                raise InputError(
                    f"{name} cannot take the code {values[i].ravel().tolist()}: use codes that "
                    "encode gives."
                ) from error
        return array_checks.finite(name, np.concatenate(outputs), values)

    def _check_offered(self, name: str) -> None:
        if name not in self.signatures:
            raise InputError(
                f"The file has no {name}: use one of the methods that it offers, "
                f"{', '.join(self.signatures)}."
            )


def load(path: str | os.PathLike, *, foreign: bool = False) -> EdgeModel:
    """Load a `.tflite` file that the zoo wrote, and check that it is complete and unchanged.

    Args:
        path: A `model.tflite`, or the file of another variant.
        foreign: Load a file that another program wrote, with one input and an output of the same
            shape: without a check of its bytes and of the units of its inputs, and without a code.

    Raises:
        InputError: There is no such file, it is damaged, or the zoo did not write it.
    """
    if not Path(path).is_file():
        raise InputError(f"There is no file {path}: check the path.")
    content = Path(path).read_bytes()
    try:
        about = None if foreign else metadata.read(content)
        return EdgeModel(Interpreter(model_content=content), about)
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        hint = "" if foreign else " (foreign=True loads files of other programs)"
        raise InputError(f"{path} cannot be used: {reason}{hint}.") from error
