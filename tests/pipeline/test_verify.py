"""`zoo.verify`: good folders pass, changed ones do not."""

import json

import pytest

import zoo
from zoo.errors import GateError


def test_verify_passes_on_good_artefacts_and_needs_the_recorded_files(earlier):
    report = zoo.verify(earlier)
    assert list(report) == ["model.keras", "saved_model", "model.tflite", "model_int8.tflite"]

    for name in ("model.tflite", "model_int8.tflite"):
        path = earlier / name
        good = path.read_bytes()
        path.write_bytes(good[:-100])
        with pytest.raises(zoo.InputError, match="not the file that was recorded"):
            zoo.verify(earlier)
        path.unlink()
        with pytest.raises(zoo.InputError, match=f"{name} is missing"):
            zoo.verify(earlier)
        path.write_bytes(good)

    # As earlier versions wrote it, without digests.
    result = json.loads((earlier / "result.json").read_text())
    del result["digest"], result["card_sha256"]
    result["artefacts"]["model_int8.tflite"]["test_mse"] += 0.001
    (earlier / "result.json").write_text(json.dumps(result))
    result["figures"]["linear_probe"] -= 0.01
    (earlier / "result.json").write_text(json.dumps(result))
    with pytest.raises(GateError, match=r"linear_probe is 0\.\d+, but .*int8\.tflite: test_mse"):
        zoo.verify(earlier)
    result["artefacts"]["saved_model"]["test_mse"] = "low"
    for wrong in (result, {**result, "artefacts": {}}, []):
        (earlier / "result.json").write_text(json.dumps(wrong))
        with pytest.raises(zoo.InputError, match="is no result of this zoo"):
            zoo.verify(earlier)
    (earlier / "result.json").write_text('{"recipe"')
    with pytest.raises(zoo.InputError, match="is damaged"):
        zoo.verify(earlier)


@pytest.mark.parametrize(
    "place",
    [
        ("recipe", "learning_rate"),
        ("recipe", "epochs"),
        ("versions", "keras"),
        ("runs", 0, "seed"),
        ("runs", 0, "val_loss"),
        ("artefacts", "model.tflite", "bytes"),
        ("parameters",),
        ("training_seconds",),
        ("headline", "text"),
    ],
    ids=str,
)
def test_a_result_that_was_edited_is_refused(earlier, place):
    path = earlier / "result.json"
    result = json.loads(path.read_text())
    entry = result
    for key in place[:-1]:
        entry = entry[key]
    known = entry[place[-1]]
    entry[place[-1]] = f"{known}1" if isinstance(known, str) else known + 1
    path.write_text(json.dumps(result))
    # An export would write a digest of the edit.
    for use in (zoo.verify, zoo.export):
        with pytest.raises(zoo.InputError, match="was changed after it was written"):
            use(earlier)


@pytest.mark.parametrize("edit", [str.upper, lambda text: text.replace("0.", "0.0"), None])
def test_a_card_that_was_edited_or_removed_is_refused(earlier, edit):
    card = earlier / "README.md"
    if edit:
        card.write_text(edit(card.read_text()))
    else:
        card.unlink()
    with pytest.raises(zoo.InputError, match="is not the card that was written"):
        zoo.verify(earlier)
