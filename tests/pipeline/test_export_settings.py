"""Which settings a file is exported with: given, of an earlier export, of the recipe, or usual."""

import itertools

import pytest

from zoo.exporting.tflite_variants import file_name
from zoo.pipeline.export_settings import USUAL, by_settings, of_file

NOTHING = dict.fromkeys(USUAL)
VALUES = {"int8_io": True, "per_channel": True, "threshold_quantile": 0.9, "tolerance": 0.2}
OTHERS = {"int8_io": False, "per_channel": False, "threshold_quantile": 0.5, "tolerance": 0.1}


def result_of(only=None, recipe=(), **settings):
    return {"recipe": dict(recipe), "artefacts": {file_name("int8", only): settings}}


@pytest.mark.parametrize(("first", "second"), [*itertools.permutations(VALUES, 2)])
def test_one_export_does_not_undo_another_s_setting(first, second):
    result = result_of(settings={first: VALUES[first]})
    ((settings, _),) = by_settings(result, ["int8"], None, {**NOTHING, second: VALUES[second]})
    assert settings == {**USUAL, first: VALUES[first], second: VALUES[second]}
    recorded = of_file("model_int8.tflite", settings)
    assert recorded == {first: VALUES[first], second: VALUES[second]}
    ((settings, _),) = by_settings(result, ["int8"], None, {**NOTHING, first: OTHERS[first]})
    assert settings == {**USUAL, first: OTHERS[first]}


def test_settings_are_those_of_the_file_of_that_name():
    result = result_of(only="encode", settings={"int8_io": True})
    assert by_settings(result, ["int8"], None, NOTHING) == [(USUAL, ["int8"])]
    ((settings, _),) = by_settings(result, ["int8"], "encode", NOTHING)
    assert settings["int8_io"] is True
    result = result_of(recipe={"per_channel": True})
    ((settings, _),) = by_settings(result, ["int8"], None, NOTHING)
    assert settings["per_channel"] is True


def test_variants_of_the_same_settings_are_written_together():
    result = result_of(settings={"int8_io": True})
    ((settings, names),) = by_settings(result, ["fp32", "int8"], None, NOTHING)
    assert names == ["fp32", "int8"]
    assert of_file("model.tflite", settings) == {}
    result = result_of(settings={"threshold_quantile": 0.9})
    groups = by_settings(result, ["fp32", "int8", "fp16"], None, NOTHING)
    assert [names for _, names in groups] == [["fp32", "fp16"], ["int8"]]


def test_a_threshold_of_an_earlier_version_stays_where_a_quantile_chose_it():
    found = {"threshold": {"score": 1.0, "quantile": 0.75}}
    ((settings, _),) = by_settings(result_of(**found), ["int8"], None, NOTHING)
    assert settings["threshold_quantile"] == 0.75
    detector = result_of(recipe={"normal_label": 1}, **found)
    ((settings, _),) = by_settings(detector, ["int8"], None, NOTHING)
    assert settings["threshold_quantile"] is None
