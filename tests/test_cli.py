"""The command `zoo`, run as a user runs it."""

import csv
import json
import logging
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

import pytest
from conftest import ROOT, run_zoo

import zoo
from recipes import book, cli


def test_list_shows_models_and_recipes():
    done = run_zoo("list")
    assert done.returncode == 0
    assert done.stderr == ""
    for name in (*zoo.list_models(), *book.NAMES):
        assert name in done.stdout
    listed = json.loads(run_zoo("list", "--json").stdout)
    assert set(listed["models"]) >= {"dense", "vae"}
    assert listed["recipes"]["vae_mnist"]["model"] == "vae"


def test_help_names_the_commands():
    done = run_zoo("--help")
    assert done.returncode == 0
    for command in ("list", "show", "train", "verify", "results"):
        assert command in done.stdout


def test_show_prints_layers_shapes_and_parameters(monkeypatch, capsys):
    arguments = ["--set", "latent_dim=3", "--set", "hidden=128,64,12"]
    assert run_here(["show", "Dense", *arguments], monkeypatch) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    for part in ("encoder", "Dense", "(None, 784)", "219,891"):
        assert part in printed.out


def test_show_prints_json_for_programs(monkeypatch, capsys):
    arguments = ["--set", "latent_dim=3", "--set", "hidden=128,64,12", "--json"]
    assert run_here(["show", "dense", *arguments], monkeypatch) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["parameters"] == 219_891
    assert shown["latent_dim"] == 3
    sizes = [layer["output_shape"] for layer in shown["encoder"]]
    assert sizes == [[28, 28, 1], [784], [128], [64], [12], [3]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "vea"], "did you mean 'vae'"),
        (["show", "dense", "--set", "latent_dim=0"], "latent_dim must be"),
        (["show", "dense", "--set", "latent_dim"], "--set needs name=value"),
        (["train", "vae_minst"], "did you mean 'vae_mnist'"),
        (["train", "dense_digits", "--epochs", "0"], "epochs must be at least 1"),
        (["train", "dense_digits", "--epochs", "many"], "Invalid value for '--epochs'"),
        (["train", "dense_digits", "--batch-size", "5000"], "larger than the training split"),
        (["train", "dense_digits", "--set", "latent_dim=0"], "latent_dim must be"),
        (["train", "dense_digits", "--strategy", "all"], "Invalid value for '--strategy'"),
        (["train", "dense_digits", "--data", "mnits"], "There is no data set 'mnits'"),
        (["train", "dense_mnist", "--data-dir", "{tmp}/none"], "'mnist' is not in {tmp}/none"),
        # No process may make a folder there, not even root's.
        (["train", "dense_digits", "--out", "/proc/zoo"], "Nothing can be written to /proc/zoo"),
        (["verify", "{tmp}"], "There is no result.json in {tmp}"),
        (["results", "{tmp}"], "There are no results in {tmp}"),
        (["results", "{tmp}/none"], "There is no folder {tmp}/none"),
        (["show", "dense", "--set", "name=mine"], "'dense' has no argument 'name'"),
        (["train", "dense_digits", "--set", "input_shape=8,8,1"], "The data decide input_shape"),
        (["fly"], "No such command"),
    ],
)
def test_bad_input_gives_one_sentence_and_exit_status_2(
    arguments, message, tmp_path, monkeypatch, capsys
):
    arguments = [argument.format(tmp=tmp_path) for argument in arguments]
    if arguments[0] == "train" and "--out" not in arguments:
        arguments += ["--out", f"{tmp_path}/out"]
    assert run_here(arguments, monkeypatch) == 2
    printed = capsys.readouterr()
    assert message.format(tmp=tmp_path) in printed.err
    assert printed.out == ""
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def run_here(arguments, monkeypatch):
    """Run the command in this process, which has TensorFlow loaded, and return its exit status."""
    # Being set, it leaves the process's standard error where it is.
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
    logger = logging.getLogger("recipes")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(SystemExit) as stop:
            cli.main()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return stop.value.code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "dense_digits", "--epochs", "0"], "epochs must be at least 1, but got 0.\n"),
        (
            ["export", "x", "--variants", "fp32,int4"],
            "There is no variant 'int4': the variants are",
        ),
        (["inspect", "x.tflite"], "There is no file x.tflite."),
        (["fly"], "No such command"),
    ],
)
def test_a_process_that_gets_bad_input_ends_without_a_traceback(arguments, message):
    done = run_zoo(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("elsewhere")
    return out, run_zoo("train", "DENSE_digits", "--smoke", "--json", cwd=out)


def test_train_writes_below_the_current_folder_and_prints_json_only(trained):
    out, done = trained
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["folder"] == "saved_models/dense_digits_smoke"
    assert result["recipe"]["epochs"] == 2
    assert (out / "saved_models/dense_digits_smoke/model.tflite").is_file()


def test_the_terminal_stays_free_of_framework_noise(trained):
    _, done = trained
    first, *seeds, evaluating, exporting = done.stderr.splitlines()
    assert first == "Training dense_digits_smoke: model dense on digits, 256 samples"
    assert all(re.fullmatch(r"Seed \d: validation loss 0\.\d{5}", line) for line in seeds)
    assert [evaluating, exporting] == [
        "Evaluating beside baselines",
        "Exporting and verifying: Keras, SavedModel, TFLite",
    ]


def test_verify_and_results_read_what_train_wrote(trained, monkeypatch, capsys):
    out, done = trained
    monkeypatch.chdir(out)
    recorded = json.loads(done.stdout)
    assert run_here(["verify", "saved_models/dense_digits_smoke", "--json"], monkeypatch) == 0
    (report,) = json.loads(capsys.readouterr().out)
    checked = report["artefacts"]
    assert checked["model.tflite"]["sha256"] == recorded["artefacts"]["model.tflite"]["sha256"]

    assert run_here(["verify", "--all", "--json"], monkeypatch) == 0
    assert json.loads(capsys.readouterr().out) == [report]
    with pytest.raises(zoo.InputError, match="--all takes one folder of folders, but got 2"):
        cli.app(["verify", "--all", "a", "b"], standalone_mode=False)
    assert run_here(["verify", "saved_models/dense_digits_smoke", "nowhere"], monkeypatch) == 1
    assert "saved_models/dense_digits_smoke is as recorded." in capsys.readouterr().out

    done = run_zoo("results")
    assert done.returncode == 0
    assert f"{recorded['figures']['test_mse']:.4f}" in done.stdout
    assert run_here(["results", "--json"], monkeypatch) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["recipe"]["name"] == "dense_digits_smoke"
    assert run_here(["results", "--markdown"], monkeypatch) == 0
    assert capsys.readouterr().out.startswith("| recipe |")
    assert run_here(["results", "--csv"], monkeypatch) == 0
    columns, *rows = csv.reader(capsys.readouterr().out.splitlines())
    assert [row[columns.index("artefact")] for row in rows] == list(recorded["artefacts"])


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
@pytest.mark.usefixtures("in_this_process")
def test_export_writes_a_file_that_inspect_reads(trained, monkeypatch, capsys):
    folder = trained[0] / "saved_models/dense_digits_smoke"
    options = ["--variants", "int8", "--only", "decode", "--int8-io", "--c-array"]
    assert run_here(["export", str(folder), *options, "--json"], monkeypatch) == 0
    exported = json.loads(capsys.readouterr().out)["artefacts"]
    file = folder / "model_int8_decode.tflite"
    assert list(exported) == [file.name]
    assert file.with_suffix(".h").is_file()
    assert run_here(["inspect", str(file), "--json"], monkeypatch) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["variant"], list(found["signatures"])) == ("int8", ["decode"])
    assert found["figures"]["test_mse"] == exported[file.name]["test_mse"]
    options = ["--variants", "fp32", "--only", "reconstruct"]
    assert run_here(["export", str(folder), *options], monkeypatch) == 0
    assert "model_reconstruct.tflite" in capsys.readouterr().out
    whole = folder / "model_reconstruct.tflite"
    for path, words in ((file, ("codes", "code: int8")), (whole, ("grey levels divided by 16",))):
        assert run_here(["inspect", str(path)], monkeypatch) == 0
        printed = capsys.readouterr().out
        for word in ("dense_digits_smoke", "FULLY_CONNECTED", *words):
            assert word in printed


def test_what_the_system_refuses_is_one_sentence(trained, monkeypatch, capsys):
    out, _ = trained
    monkeypatch.setattr(tempfile, "tempdir", "/proc/zoo")
    assert run_here(["verify", f"{out}/saved_models/dense_digits_smoke"], monkeypatch) == 2
    assert "The system refused ([Errno 2] No such file or directory: '/proc/zoo/" in (
        capsys.readouterr().err
    )


def test_a_missed_gate_exits_with_1(tmp_path, monkeypatch, capsys):
    # One epoch from a rate this low leaves the weights as they were drawn.
    arguments = ["--epochs", "1", "--learning-rate", "1e-9", "--out", str(tmp_path)]
    assert run_here(["train", "dense_digits", *arguments], monkeypatch) == 1
    printed = capsys.readouterr()
    assert "test_mse_over_pca at most 0.7 is missed with" in printed.err
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    def no_file_over_20_kilobytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = run_zoo(
        "train", "dense_digits", "--smoke", "--out", tmp_path, preexec_fn=no_file_over_20_kilobytes
    )
    assert done.returncode == 2, done.stderr
    assert f"Nothing can be written to {tmp_path}" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_in_the_middle_leaves_nothing_behind(tmp_path, stop):
    command = [sys.executable, "-m", "recipes", "train", "dense_digits", "--epochs", "100000"]
    process = subprocess.Popen(
        [*command, "--out", tmp_path], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stderr
        assert "Training" in process.stderr.readline()
        time.sleep(1)  # into training
        assert [path.name.startswith(".") for path in tmp_path.iterdir()] == [True]
        process.send_signal(stop)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()  # or a failing test would leave it training
    assert (process.returncode, errors) == (130, "Interrupted: no artefact was written.\n")
    assert list(tmp_path.iterdir()) == []


def test_another_backend_is_refused(monkeypatch):
    import keras

    from recipes import pipeline

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(zoo.InputError, match="unset KERAS_BACKEND"):
        pipeline.run(book.get("dense_digits"))


def test_a_backend_that_is_not_installed_is_one_sentence():
    done = run_zoo("show", "dense", env={**os.environ, "KERAS_BACKEND": "none"})
    assert done.returncode == 2
    assert "Keras does not load" in done.stderr
    assert "Traceback" not in done.stderr
