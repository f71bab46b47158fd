"""What the command does not take: one sentence, exit status 2, nothing written."""

import os

import keras
import pytest
from conftest import run_zoo

import zoo
from zoo import recipe_book


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "vea"], "did you mean 'vae'"),
        (["show", "dense", "--set", "latent_dim=0"], "latent_dim must be"),
        (["show", "dense", "--set", "latent_dim"], "--set needs name=value"),
        (["train", "vae_minst"], "did you mean 'vae_mnist'"),
        (["train", "dense_digits", "--epochs", "0"], "epochs must be greater than or equal to 1"),
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
        (["train", "dense_digits", "--noise", "-1"], "noise must be greater than or equal to 0"),
        (["train", "dense_digits", "--noise", "nan"], "noise must be"),
        (["train", "dense_digits", "--gates", "{{"], "--gates is no JSON"),
        (["train", "dense_digits", "--goal", "3"], "goal must be"),
        (["train", "dense_digits", "--goal", '{{"figure": "auc", "at_mos": 1}}'], "goal.at_mos"),
        (["train", "dense_digits", "--model", "vea"], "did you mean 'vae'"),
        (["train", "{tmp}/mine.py"], "There is no file {tmp}/mine.py"),
        (["train", "dense_digits", "--variants", "int8"], "variants must hold fp32"),
        (["show", "dense_digits", "--set", "latent_dim=3"], "--set goes with a model"),
        (["export", "{tmp}", "--import", "{tmp}/mine.py"], "There is no file {tmp}/mine.py"),
        (["fly"], "No such command"),
    ],
)
def test_bad_input_gives_one_sentence_and_exit_status_2(
    arguments, message, tmp_path, run_here, capsys
):
    arguments = [argument.format(tmp=tmp_path) for argument in arguments]
    if arguments[0] == "train" and "--out" not in arguments:
        arguments += ["--out", f"{tmp_path}/out"]
    assert run_here(*arguments) == 2
    printed = capsys.readouterr()
    assert message.format(tmp=tmp_path) in printed.err
    assert printed.out == ""
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["train", "dense_digits", "--epochs", "0"],
            "epochs must be greater than or equal to 1, but got 0.\n",
        ),
        (
            ["export", "x", "--variants", "fp32,int4"],
            "There is no variant named 'int4': did you mean 'int8'?",
        ),
        (["inspect", "x.tflite"], "There is no file x.tflite: check the path."),
        (["fly"], "No such command"),
    ],
)
def test_a_process_that_gets_bad_input_ends_without_a_traceback(arguments, message):
    done = run_zoo(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(zoo.InputError, match="set KERAS_BACKEND=tensorflow"):
        zoo.train(recipe_book.get("dense_digits"))


def test_a_backend_that_is_not_installed_is_one_sentence():
    done = run_zoo("show", "dense", env={**os.environ, "KERAS_BACKEND": "none"})
    assert done.returncode == 2
    assert "Keras does not load" in done.stderr
    assert "Traceback" not in done.stderr
