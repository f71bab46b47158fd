"""The recipe: what is trained on what, how, and what it must reach."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Literal, get_args

import zoo
from zoo.registry import canonical_name

# What every recipe's folder holds, beside other variants of the TFLite file.
KERAS_FILE, SAVED_MODEL, TFLITE_FILE = "model.keras", "saved_model", "model.tflite"
# What is known of them, in the same folder.
RESULT = "result.json"

Optimizer = Literal["adam", "sgd", "rmsprop"]
Schedule = Literal["constant", "cosine", "exponential"]
Loss = Literal["mse", "binary_crossentropy"]
# The loss that makes a VAE's training loss the ELBO of each likelihood.
LIKELIHOOD_LOSS = {"gaussian": "mse", "bernoulli": "binary_crossentropy"}
# Samples of each split in a smoke test.
SMOKE_SAMPLES = 256
# How a run is spread over devices, see `recipes.training.make_strategy`.
Strategy = Literal["auto", "single", "mirrored"]
# What training computes in; weights are float32 always.
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]


@dataclass(frozen=True)
class Gate:
    """A bound that one figure of the result must keep.

    Attributes:
        figure: Name of a figure, such as `test_mse_over_pca`.
        at_most: Largest value that passes.
        at_least: Smallest value that passes.
    """

    figure: str
    at_most: float = math.inf
    at_least: float = -math.inf

    def holds(self, value: float) -> bool:
        """Return whether the value passes; NaN never does."""
        return self.at_least <= value <= self.at_most

    def to_json(self) -> dict[str, Any]:
        """Return the figure and those bounds that are there."""
        bounds = {"at_most": self.at_most, "at_least": self.at_least}
        return {"figure": self.figure} | {k: v for k, v in bounds.items() if math.isfinite(v)}

    def __str__(self) -> str:
        bounds = []
        if self.at_least > -math.inf:
            bounds.append(f"at least {self.at_least:g}")
        if self.at_most < math.inf:
            bounds.append(f"at most {self.at_most:g}")
        return f"{self.figure} {' and '.join(bounds)}"


@dataclass(frozen=True)
class Recipe:
    """How one model is trained on one data set, and what the result must reach.

    Attributes:
        name: Name of the recipe and of its folder of artefacts.
        model: Name of a model in the zoo.
        data: Name of a data set, see `recipes.data.load`.
        epochs: Most passes over the training split.
        arguments: Arguments for the model's builder, but for `input_shape`, which the data decides.
        batch_size: Global batch, split over the replicas of the strategy.
        optimizer: `adam`, `sgd` (momentum 0.9) or `rmsprop`.
        learning_rate: Learning rate at the start.
        weight_decay: Share of each kernel, times the learning rate, that a step takes off it, as in
            AdamW (Loshchilov & Hutter, 2019, arXiv:1711.05101); biases and normalisations keep all.
        schedule: `constant`, `cosine` (to 0 over all epochs) or `exponential` (to a hundredth).
        loss: `mse` or `binary_crossentropy`.
        patience: Stop when the validation loss has not improved for so many epochs, and keep the
            best weights; None trains all epochs and keeps the last.
        target: Stop as soon as the validation MSE is at most this; None never does.
        restarts: Initialisations to train; the one with the best validation loss is kept.
        seed: Seed of the first initialisation; the others count up from it.
        max_samples: Use at most so many samples of each split; None uses all.
        shift: Training shifts each image by up to so many pixels in each direction, afresh each
            epoch.
        flip: Training mirrors every other image left to right, afresh each epoch.
        binarize: Values become 0 or 1, with the value as the probability of 1: in training drawn
            afresh each epoch, for validation and test once, see `recipes.data.load`.
        noise: Training adds Gaussian noise of this standard deviation to what the model sees,
            afresh each epoch, but not to what it is to give back.
        importance_samples: Codes drawn in training for each sample of a VAE with a Bernoulli
            likelihood; with more than 1 it is trained on their importance-weighted bound, see
            `recipes.importance_weighting`, which is tighter than the ELBO.
        normal_label: Class of the data to train on alone, to tell it from the others; None trains
            on all.
        per_channel: Give each unit of dense layers an int8 scale of its own: closer, but larger.
        gates: Bounds on the figures of the result.
        goal: The figure that the recipe is known by, of `recipes.headline.FIGURES`, and the bound
            that its mean over the restarts is to keep. Unlike a gate, one that is missed is
            published, and said to be missed.
        reference: What others reached, and who.
    """

    name: str
    model: str
    data: str
    epochs: int
    arguments: Mapping[str, Any] = field(default_factory=dict)
    batch_size: int = 128
    optimizer: Optimizer = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: Schedule = "constant"
    loss: Loss = "mse"
    patience: int | None = None
    target: float | None = None
    restarts: int = 1
    seed: int = 0
    max_samples: int | None = None
    shift: int = 0
    flip: bool = False
    binarize: bool = False
    noise: float = 0.0
    importance_samples: int = 1
    normal_label: int | None = None
    per_channel: bool = False
    gates: tuple[Gate, ...] = ()
    goal: Gate = Gate("test_mse")
    reference: str = ""

    def __post_init__(self) -> None:
        canonical_name(self.model)
        for name in ("epochs", "batch_size", "restarts", "importance_samples"):
            _check(self, name, getattr(self, name) >= 1, "at least 1")
        for name in ("patience", "max_samples"):
            value = getattr(self, name)
            _check(self, name, value is None or value >= 1, "at least 1")
        for name in ("seed", "shift"):
            _check(self, name, getattr(self, name) >= 0, "at least 0")
        _check(self, "learning_rate", 0 < self.learning_rate < math.inf, "above 0 and finite")
        for name in ("weight_decay", "noise"):
            _check(self, name, 0 <= getattr(self, name) < math.inf, "at least 0 and finite")
        _check(
            self,
            "target",
            self.target is None or 0 <= self.target < math.inf,
            "at least 0 and finite",
        )
        for name, kind in (("optimizer", Optimizer), ("schedule", Schedule), ("loss", Loss)):
            choices = get_args(kind)
            _check(self, name, getattr(self, name) in choices, f"one of {', '.join(choices)}")
        if "input_shape" in self.arguments:
            raise zoo.InputError("The data decide input_shape: choose other data instead.")
        if self.model.lower() == "vae":
            likelihood = self.arguments.get("likelihood", "gaussian")
            loss = LIKELIHOOD_LOSS.get(likelihood, self.loss)
            _check(self, "loss", self.loss == loss, f"{loss} for the likelihood {likelihood!r}")
        if self.importance_samples > 1:
            weighable = (
                self.model.lower() == "vae"
                and self.arguments.get("likelihood") == "bernoulli"
                and self.arguments.get("kl_weight", 1) == 1
                and not self.arguments.get("kl_warmup_steps")
            )
            wanted = "1 but for a vae with a bernoulli likelihood and the whole KL"
            _check(self, "importance_samples", weighable, wanted)

    def smoke(self) -> "Recipe":
        """Return the recipe at the size of a smoke test, under a name of its own.

        Two epochs on 256 samples teach nothing, so gates on figures go; those on artefacts stay.
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
        """Return the recipe for another data set, named after it, trained on all its classes.

        Gates on figures go: they are claims about the recipe's own data.
        """
        if data == self.data:
            return self
        label = PurePath(data).stem if data.endswith(".npy") else data
        name = re.sub(r"\W+", "_", f"{self.name}_on_{label}")
        # Other data need not have labels.
        figure = "test_mse" if self.goal.figure in ("auc", "linear_probe") else self.goal.figure
        return replace(
            self,
            name=name,
            data=data,
            normal_label=None,
            gates=(),
            goal=Gate(figure),
            reference="",
        )

    def matches(self, recorded: Mapping[str, Any]) -> bool:
        """Return whether a recipe in plain values, as `result.json` holds it, is this one."""
        mine, theirs = (json.dumps(recipe, sort_keys=True) for recipe in (self.to_json(), recorded))
        return mine == theirs

    def to_json(self) -> dict[str, Any]:
        """Return the recipe in plain values that JSON can hold."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name, default in (("weight_decay", 0), ("noise", 0), ("importance_samples", 1)):
            if plain[name] == default:
                # Results and files from before there was any say nothing of it.
                del plain[name]
        return {
            **plain,
            "arguments": dict(self.arguments),
            "gates": [gate.to_json() for gate in self.gates],
            "goal": self.goal.to_json(),
        }


def _check(recipe: Recipe, name: str, holds: bool, wanted: str) -> None:
    if not holds:
        raise zoo.InputError(f"{name} must be {wanted}, but got {getattr(recipe, name)!r}.")


class GateError(Exception):
    """A model or an artefact missed a gate; the message says which figure missed which."""

    def __init__(self, name: str, missed: list[str]):
        super().__init__(f"{name} missed its gates: {'; '.join(missed)}.")
        self.missed = missed
