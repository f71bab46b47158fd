"""The runner of exported files: without TensorFlow and Keras, and with errors for people."""

import json

import keras
import numpy as np
import pytest
from conftest import run_python

import zoo
from recipes.converting import convert
from recipes.dataset import Dataset
from recipes.describing import about, describe
from recipes.inspecting import inspect
from zoo import metadata

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")

SHAPE = (8, 8, 1)
CASES = {
    "dense fp32": {},
    "dense int8": {"int8_io": False},
    "conv int8": {"int8_io": True},
    "lstm int8": {"int8_io": True},
    "vae fp16": {},
    "lstm fp32": {},
    "lstm fused": {},
}


def data_of(shape=SHAPE, value_range=(0.0, 1.0)):
    x = np.random.default_rng(0).random((20, *shape), dtype="float32")
    return Dataset("mine", "1", value_range, "any", train=x, validation=x, test=x)


def write(path, name, variant, data=None, threshold=None, arguments=None, **options):
    """Export an untrained model; return it."""
    data = data or data_of()
    keras.utils.set_random_seed(0)
    model = zoo.get(name, input_shape=data.train.shape[1:], latent_dim=3, **(arguments or {}))
    path.write_bytes(convert(model, variant, data.train, **options))
    recipe = {"name": "mine", "arguments": arguments or {}}
    entries = about(recipe, {"python": "3"}, model, data)
    describe(path, {**entries, "variant": variant, "threshold": threshold})
    return model


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Paths of files by case, each with samples and what Keras makes of them beside it."""
    paths = {}
    for case, options in CASES.items():
        path = tmp_path_factory.mktemp("exported") / "model.tflite"
        model = write(path, *case.split(), **options)
        x = data_of().test[:4]
        y, codes = model.predict(x, verbose=0), model.encoder.predict(x, verbose=0)
        np.savez(path.with_suffix(".npz"), x=x, y=y, codes=codes)
        paths[case] = path
    return paths


def test_files_run_where_neither_tensorflow_nor_keras_can_be_imported(exported):
    code = """
import json, sys
sys.modules["tensorflow"] = sys.modules["keras"] = None  # importing them raises
import numpy as np
import zoo
worst = {}
for path in sys.argv[1:]:
    model = zoo.edge.load(path)
    assert model.input_shape == (8, 8, 1) and model.latent_dim == 3
    expected = np.load(path.replace(".tflite", ".npz"))
    x, y, codes = (expected[name] for name in ("x", "y", "codes"))
    scores = ((y - x) ** 2).reshape(len(x), -1).mean(axis=1)
    worst[path] = 0
    for batch in (4, 1, 3):
        pairs = [
            (model.reconstruct(x[:batch]), y),
            (model.encode(x[:batch]), codes),
            (model.decode(model.encode(x[:batch])), y),
            (model.score(x[:batch]), scores),
        ]
        if "generate" in model.signatures:
            pairs.append((model.generate(codes[:batch]), y))
        for found, wanted in pairs:
            assert found.shape == wanted[:batch].shape and found.dtype == np.float32
            worst[path] = max(worst[path], float(np.abs(found - wanted[:batch]).max()))
print(json.dumps(worst))
"""
    worst = run_python(code, *map(str, exported.values()))
    for case, path in exported.items():
        exact = case.endswith(("fp32", "fused"))
        assert worst[str(path)] <= (1e-5 if exact else 0.05), case


def test_a_fused_lstm_starts_afresh_with_every_sample(exported):
    model = zoo.edge.load(exported["lstm fused"])
    x = data_of().test[:3]
    one_by_one = np.concatenate([model.reconstruct(sample[None]) for sample in x[::-1]])[::-1]
    np.testing.assert_array_equal(model.reconstruct(x), one_by_one)


def test_results_stay_when_the_next_batch_is_run(exported, rng):
    model = zoo.edge.load(exported["dense fp32"])
    first = model.reconstruct(rng.random((2, *SHAPE)))
    copy = first.copy()
    model.reconstruct(rng.random((2, *SHAPE)))
    np.testing.assert_array_equal(first, copy)


@pytest.mark.parametrize("shape", [(8, 8, 1), (2, 8, 8), (2, 8, 9, 1), (0, 8, 8, 1), ()])
def test_a_wrong_shape_is_refused_and_the_right_one_named(shape, exported):
    model = zoo.edge.load(exported["dense fp32"])
    message = r"reconstruct needs an array of shape \(batch, 8, 8, 1\), but got "
    with pytest.raises(zoo.InputError, match=message):
        model.reconstruct(np.zeros(shape))
    with pytest.raises(zoo.InputError, match=r"decode needs an array of shape \(batch, 3\)"):
        model.decode(np.zeros((2, 4)))


@pytest.mark.parametrize("case", ["dense fp32", "conv int8"])
@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [
        (200, "uint8", "needs floats in the units of the data, but got uint8"),
        (0, "int8", "needs floats in the units of the data, but got int8"),
        (255.0, "float32", r"needs values on \[0, 1\], but got 255 to 255: scale them"),
        (-0.1, "float64", r"needs values on \[0, 1\], but got -0.1"),
        (np.nan, "float32", "got NaN or infinity"),
        (np.inf, "float32", "got NaN or infinity"),
    ],
)
def test_values_in_other_units_are_refused(case, value, dtype, message, exported):
    model = zoo.edge.load(exported[case])
    for function in (model.reconstruct, model.encode, model.score):
        with pytest.raises(zoo.InputError, match=message):
            function(np.full((1, *SHAPE), value, dtype))


def test_an_outlier_scores_high_although_int8_inputs_are_clipped(tmp_path):
    data = data_of((4, 2), (-np.inf, np.inf))
    write(tmp_path / "model.tflite", "dense", "int8", data, int8_io=True)
    model = zoo.edge.load(tmp_path / "model.tflite")
    assert model.score(np.full((1, 4, 2), 100.0))[0] > 9000


def test_a_file_of_int8_inputs_scores_by_the_window_of_its_recipe(tmp_path):
    path, arguments = tmp_path / "model.tflite", {"score_window": 3}
    model = write(path, "conv", "int8", arguments=arguments, int8_io=True)
    x = data_of().test
    file = zoo.edge.load(path)
    np.testing.assert_allclose(file.score(x), model.score(x), rtol=0.1)
    assert file.score(x).max() < 0.5 * np.square(model.predict(x, verbose=0) - x).mean()


def test_a_part_offers_what_it_has(tmp_path):
    write(tmp_path / "model.tflite", "dense", "fp32", only="encode")
    model = zoo.edge.load(tmp_path / "model.tflite")
    assert model.signatures == ("encode",)
    with pytest.raises(zoo.InputError, match="The file has no score: it offers encode"):
        model.score(data_of().test)
    assert model.encode(data_of().test).shape == (20, 3)
    with pytest.raises(zoo.InputError, match="The file has no decode: it offers encode"):
        model.decode(np.zeros((1, 3)))


def test_a_file_says_what_it_is(exported, tmp_path):
    about_it = zoo.edge.load(exported["conv int8"]).metadata
    assert about_it == metadata.read(exported["conv int8"].read_bytes())
    assert about_it["variant"] == "int8"
    assert about_it["input"] == {"shape": [8, 8, 1], "scaling": "any", "range": [0.0, 1.0]}
    assert about_it["latent_dim"] == 3
    assert about_it["signatures"]["decode"] == ["code", "reconstruction"]
    values = about_it["values"]
    assert set(values) == {"x", "code", "reconstruction", "score"}
    assert values["x"]["dtype"] == values["reconstruction"]["dtype"] == "int8"
    assert values["x"]["scale"] == pytest.approx(1 / 255, rel=0.01)
    assert values["x"]["zero_point"] == -128
    assert values["score"] == {"dtype": "float32", "shape": [1]}
    found = inspect(exported["conv int8"])
    assert found["bytes"] == exported["conv int8"].stat().st_size
    assert {"CONV_2D", "MEAN"} <= set(found["operators"])

    path = tmp_path / "model.tflite"
    write(path, "dense", "fp32", threshold={"score": 0.25, "quantile": 0.99})
    model = zoo.edge.load(path)
    assert model.threshold == 0.25
    # Described again, a file does not grow by what it said before.
    size = path.stat().st_size
    describe(path, {**model.metadata, "sha256": metadata.UNSIGNED})
    assert path.stat().st_size == size
    assert zoo.edge.load(path).threshold == 0.25


def test_a_model_that_takes_gaussian_noise_has_no_range(tmp_path):
    path = tmp_path / "model.tflite"
    write(path, "denoising", "fp32", arguments={"corruption": "masking"})
    with pytest.raises(zoo.InputError, match=r"needs values on \[0, 1\]"):
        zoo.edge.load(path).reconstruct(np.full((1, *SHAPE), 1.3))
    write(path, "denoising", "fp32", arguments={"corruption": "gaussian"})
    model = zoo.edge.load(path)
    assert model.metadata["input"]["range"] is None
    model.reconstruct(np.full((1, *SHAPE), 1.3))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1.0, 2.0], [3.0]], "got a ragged list"),
        (np.full((1, 4, 2), 1e300), "got NaN or infinity"),
        (np.full((1, 4, 2), 3e38), "gives NaN or infinity for values up to 3e\\+38"),
    ],
)
def test_no_values_lead_to_nan(values, message, tmp_path):
    write(tmp_path / "model.tflite", "dense", "fp32", data_of((4, 2), (-np.inf, np.inf)))
    model = zoo.edge.load(tmp_path / "model.tflite")
    with pytest.raises(zoo.InputError, match=message):
        model.score(values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input": None}, "no proper input"),
        ({"input": {"shape": [8, 8, 1], "scaling": "any", "range": "ab"}}, "no proper input"),
        ({"latent_dim": "3", "figures": []}, "no proper latent_dim, figures"),
        ({"threshold": "high"}, "no proper threshold"),
        ({"recipe": {"arguments": None}}, "no proper recipe"),
        ({"recipe": {"arguments": {"score_window": "4"}}}, "no proper recipe"),
        ({"latent_dim": 9}, "contradict its graph"),
        (
            {"input": {"shape": [9, 9, 1], "scaling": "any", "range": None}},
            "contradict its graph",
        ),
    ],
)
def test_metadata_that_do_not_fit_are_refused(change, message, exported, tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(exported["dense fp32"].read_bytes())
    about_it = metadata.read(path.read_bytes())
    describe(path, {**about_it, "sha256": metadata.UNSIGNED, **change})
    with pytest.raises(zoo.InputError, match=message):
        zoo.edge.load(path)


def test_flipped_bits_are_noticed(exported, tmp_path, rng):
    content = exported["dense int8"].read_bytes()
    path = tmp_path / "model.tflite"
    where = content.index(metadata.NAME.encode())
    document = content.index(b'{"format"')
    # The metadata's own name, its document, the root, and anywhere.
    for place in (where, document, document + 3, 0, 5, *rng.integers(0, len(content), 60)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        for read in (zoo.edge.load, inspect):
            with pytest.raises(zoo.InputError, match=r"model\.tflite cannot be used: its? "):
                read(path)


def test_a_missing_damaged_or_foreign_file_is_refused(exported, tmp_path):
    content = exported["dense fp32"].read_bytes()
    for read in (zoo.edge.load, inspect):
        with pytest.raises(zoo.InputError, match="There is no file"):
            read(tmp_path / "absent.tflite")
        for name, bad in {"text": b"no model", "short": content[:2000], "empty": b""}.items():
            (tmp_path / name).write_bytes(bad)
            with pytest.raises(zoo.InputError, match=f"{name} cannot be used: it is damaged"):
                read(tmp_path / name)
    later = tmp_path / "later"
    later.write_bytes(content)
    about_it = metadata.read(content)
    describe(later, {**about_it, "sha256": metadata.UNSIGNED, "format": 3})
    with pytest.raises(zoo.InputError, match="are of format 3, not 2: export it again"):
        zoo.edge.load(tmp_path / "later")


def test_a_foreign_file_runs_on_request_only(tmp_path, rng):
    plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    path = tmp_path / "plain.tflite"
    plain.export(path, format="litert", verbose=False)
    with pytest.raises(zoo.InputError, match=r"plain\.tflite cannot be used: it is damaged or no"):
        zoo.edge.load(path)
    model = zoo.edge.load(path, foreign=True)
    x = rng.normal(size=(3, 2)).astype("float32")
    y = plain.predict(x, verbose=0)
    np.testing.assert_allclose(model.reconstruct(x), y, atol=1e-6)
    np.testing.assert_allclose(model.score(x), np.mean((y - x) ** 2, axis=1), atol=1e-6)
    with pytest.raises(zoo.InputError, match="The file has no encode"):
        model.encode(x)
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]).export(
        path, format="litert", verbose=False
    )
    with pytest.raises(zoo.InputError, match="its output has not the shape of its input"):
        zoo.edge.load(path, foreign=True)


def test_metadata_are_json_without_surprises(exported):
    content = exported["vae fp16"].read_bytes()
    document = json.loads(json.dumps(metadata.read(content)))
    assert document["sha256"] == metadata.digest(content, document["sha256"])
    assert set(document["signatures"]) == {"reconstruct", "encode", "decode", "score", "generate"}
