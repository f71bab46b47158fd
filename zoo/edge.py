"""Run an exported `.tflite` file with NumPy and LiteRT alone: no TensorFlow, no Keras.

model = zoo.edge.load("model.tflite")
reconstructions = model.reconstruct(x)
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from zoo import metadata, scoring
from zoo.errors import InputError

Call = Callable[[np.ndarray], np.ndarray]
Details = dict[str, Any]


class EdgeModel:
    """An exported autoencoder; every method takes and returns float batches of any size.

    Values are in the units of the data whatever the file's own type: an int8 file gets them rounded
    to its grid, and clipped to its range where the data have no fixed one.

    Attributes:
        signatures: Which of the methods the file offers.
        input_shape: Shape of one sample, without the batch axis.
        latent_dim: Size of the code; None for a foreign file.
        threshold: Score above which a sample counts as an anomaly; None where none was set.
        metadata: What the file says of itself, see `zoo.metadata`; empty for a foreign file.
    """

    def __init__(self, interpreter: Interpreter, about: dict[str, Any] | None):
        self._interpreter = interpreter
        self.metadata = about or {}
        self._score_window = 1
        if about is None:
            self._calls = {"reconstruct": _main_graph(interpreter)}
            _, details, _ = self._calls["reconstruct"]
            self.input_shape = tuple(int(size) for size in details["shape"][1:])
            self.signatures = ("reconstruct", "score")
            self.latent_dim = self.threshold = self._range = None
        else:
            names = tuple(interpreter.get_signature_list())
            self._calls = {name: _signature(interpreter, name) for name in names}
            scores = ("score",) if "reconstruct" in names and "score" not in names else ()
            self.signatures = (*names, *scores)
            self.input_shape = tuple(about["input"]["shape"])
            self.latent_dim = about["latent_dim"]
            self.threshold = about["threshold"] and about["threshold"]["score"]
            self._range = about["input"]["range"]
            arguments = about["recipe"].get("arguments", {})
            self._score_window = arguments.get("score_window", 1)
            for name, (_, details, _) in self._calls.items():
                code = name in ("decode", "generate")
                shape = (self.latent_dim,) if code else self.input_shape
                if tuple(details["shape"][1:]) != shape:
                    raise ValueError("its metadata contradict its graph")
        # All graphs must have run once before LSTM states can be reset.
        for call, details, _ in self._calls.values():
            call(np.zeros([1, *details["shape"][1:]], details["dtype"]))

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Return reconstructions, `(batch, *input_shape)` -> same shape."""
        return self._run("reconstruct", x, self.input_shape, self._range)

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Return codes, `(batch, *input_shape)` -> `(batch, latent_dim)`."""
        return self._run("encode", x, self.input_shape, self._range)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return reconstructions, `(batch, latent_dim)` -> `(batch, *input_shape)`."""
        return self._run("decode", codes, (self.latent_dim,))

    def generate(self, codes: np.ndarray) -> np.ndarray:
        """Return what a VAE makes of codes drawn from N(0, 1), `(batch, latent_dim)` ->
        `(batch, *input_shape)`.
        """
        return self._run("generate", codes, (self.latent_dim,))

    def score(self, x: np.ndarray) -> np.ndarray:
        """Return each sample's mean squared reconstruction error, `(batch, *input_shape)` ->
        `(batch,)`, in squared units of the data: the higher, the less like the training data.

        Of a model with a `score_window` it is that of errors averaged over such windows, see
        `zoo.scoring.score`.
        """
        if "score" in self._calls and self._calls["score"][1]["dtype"] == np.float32:
            return self._run("score", x, self.input_shape, self._range)
        # An integer input is clipped, which would hide how far off an outlier is.
        self._check_offered("score")
        return scoring.score(self.reconstruct(x), np.asarray(x, "float32"), self._score_window)

    def _run(
        self, name: str, values: Any, shape: tuple, bounds: list[float] | None = None
    ) -> np.ndarray:
        self._check_offered(name)
        try:
            values = np.asarray(values)
        except ValueError:
            raise InputError(f"{name} needs an array, but got a ragged list.") from None
        if values.shape[1:] != shape or len(values) == 0:
            raise InputError(
                f"{name} needs an array of shape (batch, {', '.join(map(str, shape))}), but got "
                f"{values.shape}."
            )
        if values.dtype.kind != "f":
            raise InputError(
                f"{name} needs floats in the units of the data, but got {values.dtype}: convert "
                "and scale them."
            )
        # What float32 cannot hold turns infinite, and is told below.
        with np.errstate(over="ignore"):
            values = values.astype("float32")
        if not np.isfinite(values).all():
            raise InputError(f"{name} got NaN or infinity: remove or repair those values.")
        if bounds:
            low, high = bounds
            rounding = 1e-6 * (high - low)
            if values.min() < low - rounding or values.max() > high + rounding:
                raise InputError(
                    f"{name} needs values on [{low:g}, {high:g}], but got {values.min():g} to "
                    f"{values.max():g}: scale them."
                )
        call, before, after = self._calls[name]
        outputs = []
        for i in range(len(values)):
            # A fused LSTM would go on from where the last sample left it.
            self._interpreter.reset_all_variables()
            outputs.append(_dequantize(call(_quantize(values[i : i + 1], before)), after))
        found = np.concatenate(outputs)
        if not np.isfinite(found).all():
            raise InputError(
                f"{name} gives NaN or infinity for values up to {np.abs(values).max():g}: they are "
                "out of all proportion to the training data."
            )
        return found

    def _check_offered(self, name: str) -> None:
        if name not in self.signatures:
            raise InputError(f"The file has no {name}: it offers {', '.join(self.signatures)}.")


def load(path: str | os.PathLike, *, foreign: bool = False) -> EdgeModel:
    """Load a `.tflite` file that the zoo wrote, and check that it is whole.

    Args:
        path: A `model.tflite` or another variant of it.
        foreign: Take a file from elsewhere, of one input and an output of the same shape, as it
            is: without a check of its bytes, of the units of its inputs, and without a code.

    Raises:
        InputError: No such file, a damaged one, or one that the zoo did not write.
    """
    if not Path(path).is_file():
        raise InputError(f"There is no file {path}.")
    content = Path(path).read_bytes()
    try:
        about = None if foreign else metadata.read(content)
        return EdgeModel(Interpreter(model_content=content), about)
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        hint = "" if foreign else " (foreign=True takes files from elsewhere)"
        raise InputError(f"{path} cannot be used: {reason}{hint}.") from error


def _signature(interpreter: Interpreter, name: str) -> tuple[Call, Details, Details]:
    runner = interpreter.get_signature_runner(name)
    ((label, before),) = runner.get_input_details().items()
    (after,) = runner.get_output_details().values()

    def call(values: np.ndarray) -> np.ndarray:
        (output,) = runner(**{label: values}).values()
        return output

    return call, before, after


def _main_graph(interpreter: Interpreter) -> tuple[Call, Details, Details]:
    (before,), (after,) = interpreter.get_input_details(), interpreter.get_output_details()
    if list(before["shape"]) != list(after["shape"]):
        raise ValueError("its output has not the shape of its input")
    for details in (before, after):
        if details["dtype"] != np.float32 and not details["quantization"][0]:
            raise ValueError("its ends are neither float32 nor quantised")
    interpreter.resize_tensor_input(before["index"], [1, *before["shape"][1:]])
    interpreter.allocate_tensors()

    def call(values: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(before["index"], values)
        interpreter.invoke()
        return interpreter.get_tensor(after["index"])

    return call, before, after


def _quantize(values: np.ndarray, details: Details) -> np.ndarray:
    if details["dtype"] == np.float32:
        return values
    scale, zero_point = details["quantization"]
    limits = np.iinfo(details["dtype"])
    rounded = np.round(values / scale) + zero_point
    return np.clip(rounded, limits.min, limits.max).astype(details["dtype"])


def _dequantize(values: np.ndarray, details: Details) -> np.ndarray:
    if details["dtype"] == np.float32:
        return values
    scale, zero_point = details["quantization"]
    return ((values.astype("int32") - zero_point) * scale).astype("float32")
