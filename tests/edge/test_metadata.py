"""The metadata of exported files, and the refusal of files that are not what they were."""

import json

import pytest
from edge.device_files import write

import zoo
from zoo.edge import metadata
from zoo.exporting.inspecting import inspect
from zoo.exporting.metadata_writing import describe

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")


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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input": None}, "no valid input"),
        ({"input": {"shape": [8, 8, 1], "scaling": "any", "range": "ab"}}, "no valid input"),
        ({"latent_dim": "3", "figures": []}, "no valid latent_dim, figures"),
        ({"threshold": "high"}, "no valid threshold"),
        ({"recipe": {"arguments": None}}, "no valid recipe"),
        ({"recipe": {"arguments": {"score_window": "4"}}}, "no valid recipe"),
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


@pytest.fixture
def read_changed(exported, monkeypatch):
    """Read a file whose metadata say something else, which the zoo itself would not write."""
    content = exported["dense fp32"].read_bytes()
    known = metadata.read(content)

    def read(**change):
        document = json.dumps({**known, **change}).encode()
        monkeypatch.setattr(metadata, "_find", lambda _: document)
        monkeypatch.setattr(metadata, "digest", lambda content, recorded: recorded)
        return metadata.read(content)

    return read


@pytest.mark.parametrize("recorded", ["", "0", "f" * 63, None, 7])
def test_a_digest_that_is_none_is_refused(recorded, read_changed):
    with pytest.raises(zoo.InputError, match="sha256 differs"):
        read_changed(sha256=recorded)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), None])
def test_a_threshold_that_is_not_finite_is_refused(score, read_changed):
    with pytest.raises(zoo.InputError, match="no valid threshold"):
        read_changed(threshold={"score": score, "quantile": 0.9})


@pytest.mark.parametrize("ends", [[0, float("nan")], [float("-inf"), 1], [1, 0], [0]])
def test_a_range_that_is_none_is_refused(ends, read_changed):
    with pytest.raises(zoo.InputError, match="no valid input"):
        read_changed(input={"shape": [8, 8, 1], "scaling": "any", "range": ends})


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
    with pytest.raises(zoo.InputError, match="have format 3, not 2: export it again"):
        zoo.edge.load(tmp_path / "later")


def test_metadata_are_json_without_surprises(exported):
    content = exported["vae fp16"].read_bytes()
    document = json.loads(json.dumps(metadata.read(content)))
    assert document["sha256"] == metadata.digest(content, document["sha256"])
    assert set(document["signatures"]) == {"reconstruct", "encode", "decode", "score", "generate"}
