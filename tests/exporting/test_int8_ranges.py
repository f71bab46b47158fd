"""Ranges of int8 activations: narrowed where that makes files better, and only there."""

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from exporting.conversion import convert

import zoo
from zoo.exporting import converting, int8_ranges

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")

SHAPE = (8, 8, 1)


def samples(count):
    return np.random.default_rng(0).random((count, *SHAPE), dtype="float32")


def error(model, content, x):
    """Return how far a file's reconstructions are from Keras's."""
    reconstruct = Interpreter(model_content=content).get_signature_runner("reconstruct")
    found = np.concatenate([reconstruct(x=sample[None])["reconstruction"] for sample in x])
    return float(np.square(found - model.predict(x, verbose=0)).mean())


def saturated():
    """A model with logits up to 30, as after long training, of which a sigmoid makes 0 or 1."""
    keras.utils.set_random_seed(0)
    model = zoo.get("conv", input_shape=SHAPE, latent_dim=6, filters=(8, 8), activation="gelu")
    y = model.predict(samples(100), verbose=0)
    last = model.decoder.layers[-2]
    kernel, bias = last.get_weights()
    last.set_weights([30 / np.abs(np.log(y / (1 - y))).max() * kernel, bias])
    return model


def test_a_file_of_a_saturated_model_is_nearer_to_keras_with_narrowed_ranges(monkeypatch):
    model, x = saturated(), samples(100)
    narrowed = error(model, convert(model, "int8", x), x)
    monkeypatch.setattr(converting, "narrow", lambda content, samples: content)
    assert narrowed < 0.7 * error(model, convert(model, "int8", x), x)


def test_what_is_handed_on_keeps_its_scale():
    interpreter = Interpreter(model_content=convert(saturated(), "int8", samples(50)))
    operators = [operator["op_name"] for operator in interpreter._get_ops_details()]
    # Another one would stand between two ranges that differ.
    assert operators.count("QUANTIZE") == operators.count("DEQUANTIZE") == 1
    assert {"PAD", "DEPTH_TO_SPACE", "GELU"} <= set(operators)


def test_inputs_codes_and_outputs_keep_their_ranges(monkeypatch):
    model = zoo.get("dense", input_shape=SHAPE, latent_dim=6, output_activation="linear")

    def scales():
        interpreter = Interpreter(model_content=convert(model, "int8", samples(50), int8_io=True))
        calls = [interpreter.get_signature_runner(name) for name in ("encode", "decode")]
        details = [(call.get_input_details(), call.get_output_details()) for call in calls]
        return [entry["quantization"] for pair in details for d in pair for entry in d.values()]

    # Of all others nothing is left.
    monkeypatch.setattr(int8_ranges, "best_range", lambda *_: (-1e-3, 1e-3))
    narrowed = scales()
    monkeypatch.setattr(converting, "narrow", lambda content, samples: content)
    assert narrowed == scales()


def best_range(values, following):
    return int8_ranges.best_range(values, following, (min(values.min(), 0), max(values.max(), 0)))


def test_a_range_gives_up_outliers_and_what_the_next_operator_flattens():
    values = np.random.default_rng(0).normal(size=20_000)
    low, high = best_range(values, np.maximum(values, 0))
    assert low > -0.5
    assert high > 3
    # Where a sigmoid is flat, cutting off costs nothing.
    outlier = np.append(values, 100.0)
    assert best_range(outlier, 1 / (1 + np.exp(-outlier)))[1] < 7
    assert best_range(outlier, outlier)[1] > 90
    rare = np.append(np.tile(values, 10), 6.0)
    assert best_range(rare, rare)[1] < 5.5
    # Evenly spread values have nothing to give up, and zeros nothing at all.
    even = np.linspace(-1, 3, 4000)
    assert best_range(even, even) == (-1, 3)
    assert best_range(np.zeros(5), np.zeros(5)) == (0, 0)


def test_int16_activations_resolve_heavy_tails_and_hold_values_that_calibration_lacks(rng):
    model = zoo.get("dense", input_shape=(4,), latent_dim=2, hidden=(), output_activation="linear")
    keep = np.eye(4, 2, dtype="float32")
    model.set_weights([keep, np.zeros(2), keep.T, np.zeros(4)])
    x = rng.normal(size=(100, 4)).astype("float32")
    x[0, 0] = 300
    seen, beyond = x.copy(), x.copy()
    beyond[0, 0] = 1000
    wanted = float(np.square(model.predict(x, verbose=0) - x).mean())
    files = {variant: convert(model, variant, seen) for variant in ("int8", "int16")}
    assert error(model, files["int8"], x) > 0.01 * wanted
    assert error(model, files["int16"], x) < 1e-4 * wanted
    assert error(model, files["int16"], beyond) < 1e-3 * wanted
    assert error(model, files["int8"], beyond) > 100 * wanted
