"""How files are exported: the settings that are given now, and those of an earlier export."""

from collections.abc import Mapping, Sequence
from typing import Any

from zoo.errors import InputError
from zoo.exporting.tflite_variants import PARTS, VARIANTS, file_name, variant_of

# The value of each setting that nobody gave.
USUAL = {"int8_io": False, "per_channel": False, "threshold_quantile": None, "tolerance": None}
# What only int8 variants have.
OF_INT8 = ("int8_io", "per_channel")


def check(only: str | None, threshold_quantile: float | None) -> None:
    """Raise InputError for settings that no file can have."""
    if only not in (None, *PARTS):
        raise InputError(f"only must be one of {', '.join(PARTS)}, but got {only!r}.")
    if threshold_quantile is None:
        return
    if not 0 < threshold_quantile < 1:
        raise InputError(
            f"threshold_quantile must lie between 0 and 1, but got {threshold_quantile}."
        )
    if only in ("encode", "decode"):
        raise InputError(f"A file that offers only {only} has no scores to set a threshold on.")


def check_int8(variants: Sequence[str], given: Mapping[str, Any]) -> None:
    """Raise InputError if settings of int8 variants are given, but no such variant is written."""
    if any(given[name] for name in OF_INT8) and not any(VARIANTS[v].int8 for v in variants):
        raise InputError(
            f"Only int8 variants have int8_io and per_channel, but got {', '.join(variants)}."
        )


def by_settings(
    result: Mapping[str, Any], variants: Sequence[str], only: str | None, given: Mapping[str, Any]
) -> list[tuple[dict[str, Any], list[str]]]:
    """Return the settings of each variant's file, variants of the same settings together.

    What is not given stays as it was when a file of that name was written last, and otherwise as
    the recipe has it.

    Args:
        result: The result so far.
        variants: Variants to write.
        only: The one signature of the files.
        given: A value for each of `USUAL`; None where nobody gave one.
    """
    recipe = {name: result["recipe"][name] for name in USUAL if name in result["recipe"]}
    given = {name: value for name, value in given.items() if value is not None}
    settings = {}
    for variant in variants:
        entry = result["artefacts"].get(file_name(variant, only), {})
        settings[variant] = {**USUAL, **recipe, **_earlier(result, entry), **given}
    # The settings of int8 variants mean nothing to the others, which go with one of them.
    first = next((settings[v] for v in variants if VARIANTS[v].int8), USUAL)
    groups: list[tuple[dict[str, Any], list[str]]] = []
    for variant in variants:
        if not VARIANTS[variant].int8:
            settings[variant] |= {name: first[name] for name in OF_INT8}
        same = next((names for found, names in groups if found == settings[variant]), None)
        if same is None:
            groups.append((settings[variant], [variant]))
        else:
            same.append(variant)
    return groups


def of_file(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a result records of the settings of a file: all that are not usual."""
    int8 = variant_of(name).int8
    return {
        key: value
        for key, value in settings.items()
        if value != USUAL[key] and (int8 or key not in OF_INT8)
    }


def _earlier(result: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that an earlier export of a file was given."""
    if "settings" in entry:
        return dict(entry["settings"])
    # Earlier versions wrote no settings. A detector's threshold then came from its anomalies.
    detects = result["recipe"].get("normal_label") is not None
    threshold = None if detects else entry.get("threshold")
    return {"threshold_quantile": threshold["quantile"]} if threshold else {}
