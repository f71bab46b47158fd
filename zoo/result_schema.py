"""What `result.json` must hold: one schema, which everything that reads the file goes by.

Entries that the schema does not name may be there: later versions write more.
"""

import math
import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator
from pydantic.types import StrictBool, StrictFloat, StrictInt, StrictStr

from zoo.artefact_names import KERAS_FILE, SAVED_MODEL
from zoo.field_checks import hints
from zoo.quality_gate import Gate
from zoo.recipe import LATER, Recipe

# What only the result of a trained recipe holds; an exported model has none of them.
OF_TRAINING = ("headline", "figures", "runs")

Number = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Count = Annotated[StrictInt, Field(ge=0, lt=2**63)]
Size = Annotated[StrictInt, Field(ge=1, lt=2**63)]
Shape = Annotated[list[Size], Field(min_length=1)]
Digest = Annotated[StrictStr, Field(pattern="^[0-9a-f]{64}$")]
# A name with a folder in it would be read, and written, elsewhere.
NAMES = rf"^({re.escape(KERAS_FILE)}|{SAVED_MODEL}|model[a-z0-9_]*\.tflite)$"
ArtefactName = Annotated[StrictStr, Field(pattern=NAMES)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Arguments(_Part):
    score_window: Size = 1


class _Recipe(_Part):
    name: StrictStr
    model: StrictStr
    data: StrictStr
    arguments: _Arguments


class _Samples(_Part):
    train: Size
    validation: Size
    test: Size


class _Data(_Part):
    name: StrictStr
    version: StrictStr
    scaling: StrictStr
    sample_shape: Shape
    samples: _Samples
    test_anomalies: Count | None = None


class _Hardware(_Part):
    cpu: StrictStr
    gpus: list[StrictStr]


class _Threshold(_Part):
    score: Number
    quantile: Annotated[Number, Field(ge=0, le=1)]


class _Artefact(_Part):
    bytes: Count
    sha256: Digest
    test_mse: Number
    operators: list[StrictStr] = []
    threshold: _Threshold | None = None

    @model_validator(mode="after")
    def _is_compared(self) -> "_Artefact":
        measured = {
            name: value
            for name, value in (self.model_extra or {}).items()
            if name.startswith("max_difference") or name.endswith("_over_keras")
        }
        if not all(is_number(value) for value in measured.values()):
            raise ValueError("holds a difference or a ratio that is no number")
        if not any(name.startswith("max_difference") for name in measured):
            raise ValueError("holds no difference from Keras")
        if measured.keys().isdisjoint({"test_mse_over_keras", "decoded_mse_over_keras"}):
            raise ValueError("holds no ratio to Keras's error")
        return self


class _Result(_Part):
    recipe: _Recipe
    versions: dict[StrictStr, StrictStr]
    hardware: _Hardware
    data: _Data
    parameters: Count
    multiply_adds: Count
    latent_dim: Size
    # Results of earlier versions hold the number of values alone: their codes are vectors.
    code_shape: Shape | None = None
    artefacts: dict[ArtefactName, _Artefact]
    digest: Digest | None = None
    card_sha256: Digest | None = None

    @model_validator(mode="after")
    def _agrees(self) -> "_Result":
        if KERAS_FILE not in self.artefacts:
            raise ValueError(f"names no {KERAS_FILE}")
        if self.code_shape is not None and math.prod(self.code_shape) != self.latent_dim:
            raise ValueError("holds a code_shape that does not have latent_dim values")
        return self


_fields: Any = {
    name: (hint, Recipe.__dataclass_fields__[name].default if name in LATER else ...)
    for name, hint in hints(Recipe).items()
    if name not in _Recipe.model_fields
}
_TrainedRecipe: Any = create_model("_TrainedRecipe", __base__=_Recipe, **_fields)


class _Headline(_Part):
    figure: StrictStr
    label: StrictStr
    value: Number
    text: StrictStr
    seeds: Size
    mean: Number
    standard_deviation: Number | None
    spread: StrictStr | None
    baseline: StrictStr
    baseline_value: Number | None
    baseline_text: StrictStr
    reference: StrictStr
    reached: StrictBool | None


class _Run(_Part):
    seed: Count
    epochs: Count
    seconds: Number
    # None for one that diverged.
    figures: dict[StrictStr, Number] | None


class _TrainedResult(_Result):
    recipe: _TrainedRecipe  # pyright: ignore[reportInvalidTypeForm]
    training_seconds: Number
    runs: Annotated[list[_Run], Field(min_length=1)]
    chosen_run: Count
    headline: _Headline
    figures: dict[StrictStr, Number]

    @model_validator(mode="after")
    def _agrees_with_its_runs(self) -> "_TrainedResult":
        goal: Gate = self.recipe.goal
        figures = [self.figures, *(run.figures for run in self.runs if run.figures is not None)]
        if self.headline.figure != goal.figure:
            raise ValueError("has a headline of another figure than its recipe's goal")
        if not all({"test_mse", goal.figure} <= found.keys() for found in figures):
            raise ValueError(f"lacks the figure test_mse or {goal.figure}")
        if len(self.runs) != self.recipe.restarts:
            raise ValueError(f"has {len(self.runs)} runs, not {self.recipe.restarts}")
        if self.chosen_run >= len(self.runs) or self.runs[self.chosen_run].figures is None:
            raise ValueError("names no run with figures as the chosen one")
        return self


def complaint(result: Any) -> str | None:
    """Return what is wrong with a result, and where; None where it is as the schema says."""
    try:
        (_TrainedResult if is_trained(result) else _Result).model_validate(result)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        return f"{where} {what}".strip()
    return None


def is_trained(result: Any) -> bool:
    """Return whether a result is that of a trained recipe, not of a model that was exported."""
    return isinstance(result, dict) and not result.keys().isdisjoint(OF_TRAINING)


def is_number(value: Any) -> bool:
    """Return whether a value of a JSON document is a number that a float can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
