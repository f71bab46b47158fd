"""What makes a resumed run another task: all that trained weights depend on, and nothing else."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training.tiny_recipe import RECIPE

import zoo
from zoo.data.dataset import Dataset, Labels
from zoo.data.fingerprint import fingerprint
from zoo.quality_gate import Gate
from zoo.recipe import Recipe
from zoo.training import restarts
from zoo.training import task as task_module
from zoo.training.task import OF_NO_WEIGHT, code_digest, task_of

# For each field of a recipe another value than that of the tiny recipe.
OTHER = {
    "name": "other",
    "model": "denoising",
    "data": "other.npy",
    "epochs": 4,
    "arguments": {"latent_dim": 5},
    "batch_size": 16,
    "optimizer": "sgd",
    "learning_rate": 1e-4,
    "weight_decay": 0.1,
    "schedule": "cosine",
    "loss": "binary_crossentropy",
    "patience": 2,
    "target": 0.1,
    "restarts": 2,
    "seed": 7,
    "max_samples": 100,
    "shift": 1,
    "flip": True,
    "binarize": True,
    "noise": 0.1,
    "importance_samples": 2,
    "normal_label": 1,
    "per_channel": True,
    "gates": (Gate("test_mse", at_most=1.0),),
    "goal": Gate("test_bce"),
    "reference": "others",
}


def dataset_of(rng, **changes):
    def samples():
        return rng.random((6, 3), dtype="float32")

    labels = Labels(*(np.arange(6) % 2 for _ in range(3)))
    made = Dataset("mine", "1", (0.0, 1.0), "none", samples(), samples(), samples(), labels)
    return replace(made, anomalies=samples(), normal_label=0, **changes)


def key(recipe=RECIPE, dataset=None, precision: Any = "float32"):
    dataset = dataset or dataset_of(np.random.default_rng(0))
    model = zoo.get("dense", input_shape=(3,), latent_dim=2, hidden=())
    return task_of(recipe, model, dataset, "single", precision)


def test_the_key_of_a_task_has_each_field_that_weights_depend_on():
    assert set(OTHER) == {field.name for field in fields(Recipe)}
    for name, value in OTHER.items():
        assert (key(replace(RECIPE, **{name: value})) == key()) == (name in OF_NO_WEIGHT), name
    assert key(precision="mixed_float16") != key()


@pytest.mark.parametrize("part", ["train", "validation", "test", "anomalies", "labels"])
def test_the_key_changes_with_any_value_of_the_data(part):
    dataset = dataset_of(np.random.default_rng(0))
    assert key(dataset=replace(dataset, name="moved", version="2")) == key()
    if part == "labels":
        assert dataset.labels is not None
        values = dataset.labels.test.copy()
        values[-1] += 1
        changed = replace(dataset, labels=replace(dataset.labels, test=values))
    else:
        values = getattr(dataset, part).copy()
        values[-1, -1] = np.nextafter(values[-1, -1], np.float32(0))
        changed = replace(dataset, **{part: values})
    assert key(dataset=changed) != key()


def test_samples_in_a_file_have_the_fingerprint_of_the_same_samples_in_memory(tmp_path, rng):
    dataset = dataset_of(rng)
    np.save(tmp_path / "train.npy", dataset.train)
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")
    assert fingerprint(replace(dataset, train=mapped)) == fingerprint(dataset)
    assert fingerprint(replace(dataset, anomalies=None)) != fingerprint(dataset)
    assert fingerprint(replace(dataset, value_range=(0.0, 2.0))) != fingerprint(dataset)


def test_the_key_changes_with_the_code_of_the_package_and_of_the_user(tmp_path, monkeypatch):
    model = zoo.get("dense", input_shape=(3,), latent_dim=2, hidden=())
    before = code_digest("dense", model)
    assert key()["code"] == code_digest("dense", model) == before
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", lambda path: b"other")
        assert code_digest("dense", model) != before
    # A builder in a file of the user's own, whose layers are in it.
    codes = []
    for lines in ("", "# Another line.\n"):
        path = tmp_path / "mine.py"
        path.write_text(f"{lines}def mine(*, input_shape=(3,)):\n    pass\n")
        space = {"__name__": "mine"}
        exec(compile(path.read_text(), str(path), "exec"), space)
        monkeypatch.setattr(task_module.registry, "builder_of", lambda _, s=space: s["mine"])
        codes.append(code_digest("dense", model))
    assert codes[0] != codes[1]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_seed_trained_on_other_data_is_trained_again(tmp_path, monkeypatch, rng, replaced):
    samples = rng.random((40, 3), dtype="float32")
    np.save(tmp_path / "mine.npy", samples)
    recipe = replace(RECIPE, data=str(tmp_path / "mine.npy"), restarts=2, batch_size=8)
    seeds = []

    def interrupted(recipe, dataset, *arguments):
        seeds.append(arguments[-1])
        if len(seeds) != 1:
            raise KeyboardInterrupt
        model = zoo.get(recipe.model, input_shape=(3,), **recipe.arguments)
        return model, {"seed": 0, "stopped": "epochs", "val_loss": 0.0}, {}

    monkeypatch.setattr(restarts, "fit", interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            zoo.train(recipe, out=tmp_path / "out")
        if replaced:
            np.save(tmp_path / "mine.npy", 1 - samples)
    assert seeds == ([0, 1, 0] if replaced else [0, 1, 1])
