"""Every recipe of the book at smoke size through the real pipeline."""

import json

import pytest
from conftest import ROOT, docstring_of, module_of

import zoo
from recipes import book, evaluating, pipeline
from recipes.variants import variant_of

DATA_DIR = {"mnist": "tfds", "fashion_mnist": "tfds", "ecg5000": "ecg5000"}
# Of recipes that are alike but for the class one is run for all.
FIRST, *ALIKE = book.CLASSES


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("saved_models")


def test_the_book_lists_its_files_and_each_recipe_bears_its_files_name():
    files = {path.stem for path in (ROOT / "recipes/book").glob("*.py")} - {"__init__"}
    assert {module_of(name) for name in book.NAMES} == files
    assert [recipe.normal_label for recipe in book.CLASSES.values()] == list(range(10))
    for name in book.NAMES:
        recipe = book.get(name.upper())
        assert recipe.name == name
        assert name.startswith(f"{recipe.model}_{recipe.data}")
        docstring = docstring_of(name)
        assert f"zoo train {name if name not in book.CLASSES else 'conv_fashion_'}" in docstring
        # What nobody measured claims nothing, and says so.
        assert bool(recipe.gates) != ("has not been measured" in docstring)


def test_the_book_holds_every_model_on_digits_and_every_image_model_on_mnist():
    assert {f"{model}_digits" for model in zoo.list_models()} <= set(book.NAMES)
    images = {f"{model}_mnist" for model in zoo.list_models() if model != "lstm"}
    assert images <= set(book.NAMES)


def test_a_recipe_on_other_data_bears_their_name_and_makes_no_claims():
    recipe = book.get("vae_mnist")
    assert recipe.on("mnist") is recipe
    other = recipe.on("fashion_mnist:3.0.1")
    assert (other.name, other.data) == ("vae_mnist_on_fashion_mnist_3_0_1", "fashion_mnist:3.0.1")
    assert other.gates == ()
    detector = book.get("lstm_ecg5000").on("beats.npy")
    assert (detector.normal_label, detector.goal.figure) == (None, "test_mse")


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("name", [name for name in book.NAMES if name not in ALIKE])
def test_a_recipe_runs_through_the_pipeline(name, out, request, monkeypatch):
    monkeypatch.setattr(evaluating, "IMPORTANCE_DRAWS", 100)
    recipe = book.get(name).smoke()
    data_dir = request.getfixturevalue("toycar") if recipe.data == "toycar" else None
    if recipe.data in DATA_DIR:
        data_dir = request.getfixturevalue("shared_data") / DATA_DIR[recipe.data]
    # All variants of one recipe of each model; of the others the file without which none is.
    variants = None if recipe.data == "digits" else ["fp32"]
    folder, result = pipeline.run(recipe, out=out, data_dir=data_dir, variants=variants)

    assert folder == out / f"{name}_smoke"
    pictures = {"loss.png", "reconstructions.png"}
    if recipe.model == "vae":
        pictures |= {"samples.png", "traversals.png"}
    if recipe.normal_label is not None:
        pictures.add("anomalies.png")
    written = {path.name for path in folder.iterdir()}
    assert written == pictures | {*result["artefacts"], "result.json", "README.md"}
    files = {"model.tflite", "model_fp16.tflite", "model_dynamic.tflite", "model_int8.tflite"}
    if recipe.model == "lstm":
        files |= {"model_fused.tflite", "model_fused_int8.tflite"}
    if variants:
        files = {"model.tflite"}
    assert set(result["artefacts"]) == {"model.keras", "saved_model"} | files
    assert all((folder / picture).stat().st_size > 1000 for picture in pictures)
    assert json.loads((folder / "result.json").read_text()) == json.loads(json.dumps(result))
    assert not [path for path in out.iterdir() if path.name.startswith(".")]

    figures = result["figures"]
    assert figures["test_mse_over_mean"] == figures["test_mse"] / figures["test_mse_mean"]
    assert figures["test_mse_pca"] <= figures["test_mse_mean"]
    for name, entry in result["artefacts"].items():
        tolerance = (variant_of(name).tolerance if name.endswith(".tflite") else None) or 1e-4
        assert entry["test_mse"] == pytest.approx(figures["test_mse"], rel=tolerance)
        if recipe.goal.figure in ("auc", "test_bce"):
            figure = figures[recipe.goal.figure]
            assert entry[recipe.goal.figure] == pytest.approx(figure, rel=tolerance)
    file = zoo.edge.load(folder / "model.tflite")
    assert (file.threshold is None) == (recipe.normal_label is None)
    threshold = result["artefacts"]["model.tflite"].get("threshold")
    assert (threshold and threshold["score"]) == file.threshold
    assert ("test_anomalies" in result["data"]) == (recipe.normal_label is not None)
    assert result["data"]["samples"]["train"] == 256
    assert ("kl_nats" in figures) == (recipe.model == "vae")
    assert ("test_mse_noisy" in figures) == (recipe.model == "denoising")
