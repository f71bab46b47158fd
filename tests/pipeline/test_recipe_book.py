"""Every recipe of the book at smoke size through the real pipeline."""

import json

import pytest
from conftest import ROOT, docstring_of, module_of

import zoo
from zoo import recipe_book
from zoo.evaluation import likelihood
from zoo.exporting.tflite_variants import variant_of
from zoo.quality_gate import Gate

RECIPES = recipe_book.read()
DATA_DIR = {"mnist": "tfds", "fashion_mnist": "tfds", "ecg5000": "ecg5000"}
# Of recipes that are alike but for the class one is run for all.
FAMILY = [name for name in RECIPES if module_of(name) != name]
ALIKE = FAMILY[1:]
# It has a prior. The others take the same path, and minutes.
QUICK = "vae_digits"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("saved_models")


def test_each_recipe_bears_the_name_of_its_file_its_model_and_its_data():
    files = {path.stem for path in (ROOT / "recipes").glob("*.py")}
    assert {module_of(name) for name in RECIPES} == files
    assert sorted(str(RECIPES[name].normal_label) for name in FAMILY) == list("0123456789")
    for name, recipe in RECIPES.items():
        assert recipe_book.get(name.upper()) is recipe
        assert name.startswith(f"{recipe.model}_{recipe.data}")
        docstring = docstring_of(name)
        assert f"zoo train {name if name not in FAMILY else 'conv_fashion_'}" in docstring
        # What nobody measured claims nothing, and says so.
        assert bool(recipe.gates) != ("has not been measured" in docstring)


def test_the_book_holds_every_model_on_digits_and_every_image_model_on_mnist():
    assert {f"{model}_digits" for model in zoo.list_models()} <= set(RECIPES)
    images = {f"{model}_mnist" for model in zoo.list_models() if model != "lstm"}
    assert images <= set(RECIPES)


def test_a_recipe_on_other_data_bears_their_name_and_drops_what_belonged_to_its_own():
    recipe = recipe_book.get("vae_mnist")
    assert recipe.on("mnist") is recipe
    other = recipe.on("fashion_mnist:3.0.1")
    assert (other.name, other.data) == ("vae_mnist_on_fashion_mnist_3_0_1", "fashion_mnist:3.0.1")
    assert (other.gates, other.goal, other.reference) == ((), Gate("test_mse"), "")
    assert (other.binarize, other.importance_samples) == (False, 1)
    assert other.learning_rate == recipe.learning_rate
    detector = recipe_book.get("lstm_ecg5000").on("beats.npy")
    assert (detector.normal_label, detector.goal.figure) == (None, "test_mse")
    assert recipe_book.get("sparse_mnist").on("mine.npy").shift == 0


def test_a_recipe_file_is_run_as_a_module_of_its_own(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import zoo\n"
        "RECIPE = zoo.Recipe(name='mine', model='dense', data='digits', epochs=1)\n"
        "if __name__ == '__main__':\n    raise AssertionError\n"
    )
    assert recipe_book.get(str(path)).name == "mine"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "There is no file"),
        ("x = 1", "has no recipe: let it set RECIPE"),
        ("RECIPE = 3", "has no recipe"),
        ("1 / 0", "fails with ZeroDivisionError: division by zero"),
        ("def", "fails with SyntaxError"),
        ("import zoo\nRECIPE = zoo.Recipe(name='a', model='vea', data='d', epochs=1)", "'vae'"),
        ("import zoo\nRECIPES = [zoo.recipe_book.get('dense_mnist')] * 2", "holds 2 recipes"),
    ],
)
def test_a_bad_recipe_file_is_refused_in_one_sentence(content, message, tmp_path):
    path = tmp_path / "mine.py"
    if content is not None:
        path.write_text(content)
    with pytest.raises(zoo.InputError, match=message) as error:
        recipe_book.get(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == QUICK else pytest.mark.slow)
        for name in RECIPES
        if name not in ALIKE
    ],
)
def test_a_recipe_runs_through_the_pipeline(name, out, request, monkeypatch):
    monkeypatch.setattr(likelihood, "IMPORTANCE_DRAWS", 100)
    recipe = recipe_book.get(name).smoke()
    data_dir = request.getfixturevalue("toycar") if recipe.data == "toycar" else None
    if recipe.data in DATA_DIR:
        data_dir = request.getfixturevalue("shared_data") / DATA_DIR[recipe.data]
    # All variants of one recipe of each model; of the others the file without which none is.
    variants = None if recipe.data == "digits" else ["fp32"]
    trained = zoo.train(recipe, out=out, data_dir=data_dir, variants=variants)
    folder, result = trained.folder, trained.result

    assert folder == out / f"{name}_smoke"
    pictures = {"loss.png", "reconstructions.png"}
    if recipe.model == "vae":
        pictures |= {"samples.png", "traversals.png"}
    if recipe.normal_label is not None:
        pictures.add("anomalies.png")
    written = {path.name for path in folder.iterdir()}
    assert written == pictures | {*result["artefacts"], "result.json", "README.md"}
    files = {"model.tflite", "model_fp16.tflite", "model_dynamic.tflite"}
    if recipe.model == "lstm":
        files |= {"model_fused.tflite", "model_fused_int8.tflite"}
    else:
        files.add("model_int8.tflite")
    if variants:
        files = {"model.tflite"}
    assert set(result["artefacts"]) == {"model.keras", "saved_model"} | files
    assert all((folder / picture).stat().st_size > 1000 for picture in pictures)
    recorded = json.loads((folder / "result.json").read_text())
    assert {"digest", "card_sha256"} <= recorded.keys()
    assert {name: recorded[name] for name in result} == json.loads(json.dumps(result))
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
