"""The files in saved_models/ are whole, bear their recorded figures, and run where they should."""

import json

import numpy as np
import pytest
from ai_edge_litert.compiled_model import CompiledModel
from conftest import ROOT

import zoo
from zoo.artefact_names import RESULT
from zoo.exporting import verifying
from zoo.exporting.tflite_variants import file_name, variant_of

FILES = sorted((ROOT / "saved_models").glob("*/*.tflite"))


def name_of(path):
    return f"{path.parent.name}/{path.stem}"


def recorded(path):
    return json.loads((path.parent / RESULT).read_text())


@pytest.mark.parametrize("folder", sorted({path.parent for path in FILES}), ids=lambda f: f.name)
def test_every_artefact_is_the_one_that_was_recorded_and_none_is_missing(folder):
    artefacts = json.loads((folder / RESULT).read_text())["artefacts"]
    lstm = folder.name.startswith("lstm")
    variants = ["fp32", "fp16", "dynamic", *(["fused", "fused_int8"] if lstm else ["int8"])]
    files = {file_name(variant) for variant in variants}
    assert set(artefacts) == {"model.keras", "saved_model", *files}
    for name, entry in artefacts.items():
        assert verifying.identify(folder / name)["sha256"] == entry["sha256"], name
        assert verifying.missed_gates(name, entry) == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_bears_its_figures_and_runs_where_the_readme_says(path):
    result, model = recorded(path), zoo.edge.load(path)
    about, entry = model.metadata, result["artefacts"][path.name]
    assert about["recipe"] == result["recipe"]
    assert file_name(about["variant"]) == path.name
    assert about["figures"]["test_mse"] == entry["test_mse"]

    x = np.random.default_rng(0).random((1, *model.input_shape), dtype="float32")
    if variant_of(path.name).fused:
        with pytest.raises(RuntimeError):
            CompiledModel.from_file(str(path))
        return
    compiled = CompiledModel.from_file(str(path))
    index = compiled.get_signature_index("reconstruct")
    inputs, outputs = compiled.create_input_buffers(index), compiled.create_output_buffers(index)
    inputs[0].write(x)
    compiled.run_by_index(index, inputs, outputs)
    y = outputs[0].read(x.size, np.float32).reshape(x.shape)
    np.testing.assert_allclose(y, model.reconstruct(x), atol=1e-5)
