"""Settings of Keras that a machine has in a file, and what the command makes of them."""

import json
import os

import pytest
from conftest import run_zoo

SETTINGS = {
    "floatx": "float64",
    "epsilon": 0.01,
    "backend": "tensorflow",
    "image_data_format": "channels_first",
}


@pytest.mark.slow
def test_a_recipe_gives_the_same_files_whatever_the_machine_sets(tmp_path):
    files = []
    for name, settings in {"default": {}, "odd": SETTINGS}.items():
        home = tmp_path / f"keras_{name}"
        home.mkdir()
        (home / "keras.json").write_text(json.dumps(settings))
        environment = {**os.environ, "KERAS_HOME": str(home)}
        if settings:
            environment["KERAS_MAX_EPOCHS"] = "1"
        out = tmp_path / name
        trained = run_zoo(
            "train", "vae_digits", "--smoke", "--variants", "fp32", "--out", out, env=environment
        )
        assert trained.returncode == 0, trained.stderr[-3000:]
        verified = run_zoo("verify", out / "vae_digits_smoke", env=environment)
        assert verified.returncode == 0, verified.stderr[-3000:]
        files.append((out / "vae_digits_smoke/model.tflite").read_bytes())
    assert files[0] == files[1]


def test_settings_that_keras_refuses_are_one_sentence_that_names_their_file(tmp_path):
    (tmp_path / "keras.json").write_text('{"floatx": "float8"}')
    done = run_zoo("show", "dense", env={**os.environ, "KERAS_HOME": str(tmp_path)})
    assert done.returncode == 2
    assert "Invalid `floatx` configuration" in done.stderr
    assert "remove ~/.keras/keras.json" in done.stderr
    assert "Traceback" not in done.stderr
