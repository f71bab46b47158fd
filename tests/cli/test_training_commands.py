"""`zoo train`, `verify`, `results`, `export` and `inspect`, one after the other."""

import csv
import json
import re
import tempfile

import pytest
from conftest import run_zoo

import zoo
from zoo.cli.main import app


def test_train_writes_below_the_current_folder_and_prints_json_only(trained):
    out, done = trained
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["folder"] == "saved_models/dense_digits_smoke"
    assert result["recipe"]["epochs"] == 2
    assert (out / "saved_models/dense_digits_smoke/model.tflite").is_file()


def test_the_terminal_stays_free_of_framework_noise(trained):
    _, done = trained
    first, *seeds, evaluating, doubt, exporting = done.stderr.splitlines()
    assert first == "Training dense_digits_smoke: model dense on digits, 256 samples"
    assert all(re.fullmatch(r"Seed \d: validation loss 0\.\d{5}", line) for line in seeds)
    assert [evaluating, exporting] == [
        "Evaluating beside baselines",
        "Exporting and verifying: Keras, SavedModel, TFLite",
    ]
    # Two epochs on few samples teach next to nothing.
    assert doubt.startswith("The model is no better than the training mean after 2 epochs")


@pytest.mark.usefixtures("in_this_process")
def test_verify_and_results_read_what_train_wrote(trained, run_here, monkeypatch, capsys):
    out, done = trained
    monkeypatch.chdir(out)
    recorded = json.loads(done.stdout)
    assert run_here("verify", "saved_models/dense_digits_smoke", "--json") == 0
    (report,) = json.loads(capsys.readouterr().out)
    checked = report["artefacts"]
    assert checked["model.tflite"]["sha256"] == recorded["artefacts"]["model.tflite"]["sha256"]

    assert run_here("verify", "--all", "--json") == 0
    assert json.loads(capsys.readouterr().out) == [report]
    with pytest.raises(zoo.InputError, match="--all takes one folder of folders, but got 2"):
        app(["verify", "--all", "a", "b"], standalone_mode=False)
    assert run_here("verify", "saved_models/dense_digits_smoke", "nowhere") == 1
    assert "saved_models/dense_digits_smoke is as recorded." in capsys.readouterr().out

    done = run_zoo("results")
    assert done.returncode == 0
    assert f"{recorded['figures']['test_mse']:.4f}" in done.stdout
    assert run_here("results", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["recipe"]["name"] == "dense_digits_smoke"
    assert run_here("results", "--markdown") == 0
    assert capsys.readouterr().out.startswith("| recipe |")
    assert run_here("results", "--csv") == 0
    columns, *rows = csv.reader(capsys.readouterr().out.splitlines())
    assert [row[columns.index("artefact")] for row in rows] == list(recorded["artefacts"])


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
@pytest.mark.usefixtures("in_this_process")
def test_export_writes_a_file_that_inspect_reads(trained, run_here, monkeypatch, capsys):
    folder = trained[0] / "saved_models/dense_digits_smoke"
    options = ["--variants", "int8", "--only", "decode", "--int8-io", "--c-array"]
    assert run_here("export", str(folder), *options, "--json") == 0
    exported = json.loads(capsys.readouterr().out)["artefacts"]
    file = folder / "model_int8_decode.tflite"
    assert list(exported) == [file.name]
    assert file.with_suffix(".h").is_file()
    assert run_here("inspect", str(file), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["variant"], list(found["signatures"])) == ("int8", ["decode"])
    assert found["figures"]["test_mse"] == exported[file.name]["test_mse"]
    options = ["--variants", "fp32", "--only", "reconstruct"]
    assert run_here("export", str(folder), *options) == 0
    assert "model_reconstruct.tflite" in capsys.readouterr().out
    whole = folder / "model_reconstruct.tflite"
    for path, words in ((file, ("codes", "code: int8")), (whole, ("grey levels divided by 16",))):
        assert run_here("inspect", str(path)) == 0
        printed = capsys.readouterr().out
        for word in ("dense_digits_smoke", "FULLY_CONNECTED", *words):
            assert word in printed


def test_a_missed_gate_exits_with_1(tmp_path, run_here, capsys):
    # One epoch from a rate this low leaves the weights as they were drawn.
    arguments = ["--epochs", "1", "--learning-rate", "1e-9", "--restarts", "1"]
    arguments += ["--out", str(tmp_path)]
    assert run_here("train", "dense_digits", *arguments) == 1
    printed = capsys.readouterr()
    assert "test_mse_over_pca at most 0.7 is missed with" in printed.err
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_refuses_is_one_sentence(trained, run_here, monkeypatch, capsys):
    out, _ = trained
    monkeypatch.setattr(tempfile, "tempdir", "/proc/zoo")
    assert run_here("verify", f"{out}/saved_models/dense_digits_smoke") == 2
    assert "The system refused access to a file '/proc/zoo/" in capsys.readouterr().err
