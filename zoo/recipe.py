"""The recipe: what is trained on what, how, and what the result must reach."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.types import StrictBool, StrictFloat, StrictInt, StrictStr

from zoo.errors import InputError
from zoo.field_checks import about, as_tuple, check_fields, check_plain
from zoo.quality_gate import Gate
from zoo.registry import canonical_name

Optimizer = Literal["adam", "sgd", "rmsprop"]
Schedule = Literal["constant", "cosine", "exponential"]
Loss = Literal["mse", "binary_crossentropy"]
# How a run is spread over devices, see `zoo.training.distribution_strategy`.
Strategy = Literal["auto", "single", "mirrored"]
# What training computes in; weights are float32 always.
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]

# Samples of each split in a smoke test.
SMOKE_SAMPLES = 256
# Fields that are about a recipe's own data: on other data they go back to their defaults.
OF_ITS_DATA = (
    "shift",
    "flip",
    "binarize",
    "noise",
    "importance_samples",
    "normal_label",
    "target",
    "gates",
    "goal",
    "reference",
)
# Fields that older results and files do not have: they are left out where they have their default.
LATER = ("weight_decay", "noise", "importance_samples")

# The headline figure of a recipe that names no other, without a bound.
TEST_MSE = Gate("test_mse")

# TensorFlow counts steps, and NumPy takes seeds, up to these.
MOST, LAST_SEED = 2**31 - 1, 2**32 - 1

Positive = Annotated[StrictInt, Field(ge=1, le=MOST)]
Seed = Annotated[StrictInt, Field(ge=0, le=LAST_SEED)]
NotNegative = Annotated[StrictFloat, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one model is trained on one data set, and what the result must reach.

    Each field is checked when a recipe is made, and is an option of `zoo train`.

    Raises:
        InputError: A field has a value of the wrong type or out of its range, or there is no model
            of that name.
    """

    name: Annotated[StrictStr, about("Name of the recipe and of the folder of its result.")]
    model: Annotated[StrictStr, about("Name of a model, see `zoo list`.")]
    data: Annotated[
        StrictStr, about("digits, ecg5000, toycar, a TFDS image set, or your own FILE.npy.")
    ]
    epochs: Annotated[Positive, about("Most passes over the training split.")]
    arguments: Annotated[
        Mapping[str, Any], about("Arguments of the model, such as latent_dim=8 or hidden=128,64.")
    ] = field(default_factory=dict)
    batch_size: Annotated[Positive, about("Samples of one step, shared among the devices.")] = 128
    optimizer: Annotated[Optimizer, about("Optimiser; sgd has a momentum of 0.9.")] = "adam"
    learning_rate: Annotated[
        StrictFloat, Field(gt=0, allow_inf_nan=False), about("Learning rate at the start.")
    ] = 1e-3
    weight_decay: Annotated[
        NotNegative,
        about("Decoupled weight decay of kernels, as in AdamW (arXiv:1711.05101)."),
    ] = 0.0
    schedule: Annotated[
        Schedule,
        about("Learning rate over time: cosine falls to 0, exponential to a hundredth."),
    ] = "constant"
    loss: Annotated[Loss, about("Reconstruction loss.")] = "mse"
    patience: Annotated[
        Positive | None,
        about("Stop after so many epochs without a better validation loss; keep the best weights."),
    ] = None
    target: Annotated[
        NotNegative | None, about("Stop as soon as the validation MSE is at most this.")
    ] = None
    restarts: Annotated[
        Positive, about("Initialisations to train; the best one on the validation split is kept.")
    ] = 1
    seed: Annotated[Seed, about("Seed of the first initialisation; the others count up.")] = 0
    max_samples: Annotated[Positive | None, about("Most samples to use of each split.")] = None
    shift: Annotated[
        StrictInt, Field(ge=0), about("Shift training images by up to so many pixels, at random.")
    ] = 0
    flip: Annotated[StrictBool, about("Mirror half of the training images, at random.")] = False
    binarize: Annotated[
        StrictBool, about("Draw each value as 0 or 1, with the value as the probability of 1.")
    ] = False
    noise: Annotated[
        NotNegative, about("Standard deviation of noise added to the training inputs alone.")
    ] = 0.0
    importance_samples: Annotated[
        Positive,
        about("Codes drawn for each sample; above 1 a Bernoulli VAE trains on the IWAE bound."),
    ] = 1
    normal_label: Annotated[
        StrictInt | None, about("Class to train on alone, to detect the others as anomalies.")
    ] = None
    per_channel: Annotated[
        StrictBool, about("int8 files: a scale for each unit of dense layers; closer, but larger.")
    ] = False
    gates: Annotated[
        tuple[Gate, ...], about("Bounds that figures must keep, or nothing is written.")
    ] = ()
    goal: Annotated[
        Gate, about("Headline figure, and the bound aimed at for its mean over the seeds.")
    ] = TEST_MSE
    reference: Annotated[StrictStr, about("What others reached, and who.")] = ""

    def __post_init__(self) -> None:
        check_fields(self)
        canonical_name(self.model)
        if self.seed + self.restarts - 1 > LAST_SEED:
            raise InputError(f"seed must be at most {LAST_SEED + 1 - self.restarts}: lower it.")
        check_plain(**self.arguments)
        if "input_shape" in self.arguments:
            raise InputError("The data decide input_shape: leave it out of the arguments (--set).")

    def smoke(self) -> "Recipe":
        """Return the recipe at the size of a smoke test, under a name of its own.

        Two epochs on 256 samples teach nothing, so gates on figures go; those on files stay.
        """
        return replace(
            self,
            name=f"{self.name}_smoke",
            epochs=min(self.epochs, 2),
            batch_size=min(self.batch_size, SMOKE_SAMPLES),
            restarts=1,
            max_samples=SMOKE_SAMPLES,
            gates=(),
            goal=Gate(self.goal.figure),
            reference="",
        )

    def on(self, data: str) -> "Recipe":
        """Return the recipe for another data set, named after both.

        What belongs to its own data goes: see `OF_ITS_DATA`.
        """
        if data == self.data:
            return self
        label = PurePath(data).stem if data.endswith(".npy") else data
        name = re.sub(r"\W+", "_", f"{self.name}_on_{label}")
        dropped = {f.name: f.default for f in fields(self) if f.name in OF_ITS_DATA}
        return replace(self, name=name, data=data, **dropped)

    def matches(self, recorded: Mapping[str, Any]) -> bool:
        """Return whether a recipe in plain values, as `result.json` holds it, is this one."""
        return json.loads(json.dumps(self.to_json())) == json.loads(json.dumps(recorded))

    def to_json(self) -> dict[str, Any]:
        """Return the recipe in plain values that JSON can hold."""
        defaults = {f.name: f.default for f in fields(self)}
        plain = {name: getattr(self, name) for name in defaults}
        for name in LATER:
            if plain[name] == defaults[name]:
                del plain[name]
        return {
            **plain,
            "arguments": dict(self.arguments),
            "gates": [gate.to_json() for gate in self.gates],
            "goal": self.goal.to_json(),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Recipe":
        """Return the recipe that `to_json` wrote.

        Raises:
            InputError: A field is missing, unknown, or has a wrong value.
        """
        known = {f.name for f in fields(cls)}
        if unknown := sorted(plain.keys() - known):
            raise InputError(f"A recipe has no field {unknown[0]!r}: leave it out.")
        if missing := [f for f in ("name", "model", "data", "epochs") if f not in plain]:
            raise InputError(f"The recipe lacks {', '.join(missing)}: add what is missing.")
        arguments = plain.get("arguments", {})
        # JSON makes lists of tuples.
        return cls(**{**plain, "arguments": {k: as_tuple(v) for k, v in arguments.items()}})
