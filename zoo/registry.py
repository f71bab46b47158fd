"""Model names and the builders behind them."""

import difflib
import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from zoo.errors import InputError
from zoo.weights import list_weights, load

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder

# The builder of a built-in name is the function of that name in the module of that name in
# `zoo.models`; it is imported on first use, since that loads Keras.
BUILT_IN = {
    "conv": "Strided convolutions down to a code vector and transposed convolutions back.",
    "dense": "Fully connected layers around a code, from 2-3-2 to the deep textbook nets.",
    "denoising": "Trained to undo noise, masking or salt and pepper (Vincent et al. 2010).",
    "lstm": "Encoder LSTM, code, decoder LSTM for sequences (Srivastava et al. 2015).",
    "sparse": "Few active code units: L1, KL to a target rate, or k-sparse (Makhzani & Frey 2013).",
    "vae": "Variational: Gaussian code, samples from the prior (Kingma & Welling 2013).",
}

Builder = TypeVar("Builder", bound=Callable[..., Any])

_registered: dict[str, Callable[..., "Autoencoder"]] = {}


def register(builder: Builder) -> Builder:
    """Add a builder under its function's name (a decorator); `get` then finds it.

    Args:
        builder: Function with keyword-only arguments that all have defaults, among them
            `input_shape`; returns an uncompiled `zoo.Autoencoder`.

    Returns:
        The builder, unchanged.

    Raises:
        InputError: The name is taken.
    """
    name = builder.__name__.lower()
    if name in BUILT_IN or name in _registered:
        raise InputError(f"A model named {name!r} is registered already: rename your builder.")
    _registered[name] = builder
    return builder


@overload
def list_models(*, weights: Literal[False] = False) -> list[str]: ...


@overload
def list_models(*, weights: Literal[True]) -> dict[str, dict[str, str]]: ...


def list_models(*, weights: bool = False) -> list[str] | dict[str, dict[str, str]]:
    """Return every model name, sorted.

    Args:
        weights: Return instead, for each model that has trained weights, their names and what they
            reached beside a baseline, in words.
    """
    names = sorted([*BUILT_IN, *_registered])
    if not weights:
        return names
    found = {name: list_weights(name) for name in names}
    return {name: trained for name, trained in found.items() if trained}


def describe(name: str) -> str:
    """Return one line on what the model is, without loading its builder's framework.

    Raises:
        InputError: No model has that name.
    """
    name = canonical_name(name)
    if name in BUILT_IN:
        return BUILT_IN[name]
    return (inspect.getdoc(_registered[name]) or "").partition("\n")[0]


def canonical_name(name: str) -> str:
    """Return the registered spelling of a name, which is matched without regard to case.

    Raises:
        InputError: No model has that name; the message lists the names and the nearest one.
    """
    names = list_models()
    if str(name).lower() not in names:
        (nearest,) = difflib.get_close_matches(str(name).lower(), names, n=1, cutoff=0)
        raise InputError(
            f"There is no model {name!r}: did you mean {nearest!r}? "
            f"The models are {', '.join(names)}."
        )
    return str(name).lower()


def get(name: str, /, *, weights: str | None = None, **arguments: Any) -> "Autoencoder":
    """Build a model by name, or load a trained one.

    Args:
        name: A name from `list_models()`, in any case.
        weights: Name of trained weights from `list_models(weights=True)`; None builds the model
            untrained.
        **arguments: Arguments of that model's builder; all have defaults, those of the training
            where weights are named. `input_shape` is the shape of one sample, without the batch
            axis.

    Returns:
        Uncompiled model, `(batch, *input_shape)` -> same shape, with `.encoder` and `.decoder`.

    Raises:
        InputError: No such model, no such argument, an argument's value makes no sense, no such
            weights, weights that the arguments do not fit, or a file of them that was changed.
    """
    name = canonical_name(name)
    builder = _builder(name)
    known = inspect.signature(builder).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in known.values())
    unknown = [argument for argument in arguments if argument not in known]
    if unknown and not takes_any:
        raise InputError(
            f"{name!r} has no argument {unknown[0]!r}; its arguments are {', '.join(known)}."
        )
    return builder(**arguments) if weights is None else load(name, weights, arguments)


def defaults(name: str) -> dict[str, Any]:
    """Return the arguments of a model's builder and their defaults, in the registered spelling."""
    parameters = inspect.signature(_builder(name)).parameters
    return {argument: parameter.default for argument, parameter in parameters.items()}


def _builder(name: str) -> Callable[..., "Autoencoder"]:
    if name in BUILT_IN:
        return getattr(importlib.import_module(f"zoo.models.{name}"), name)
    return _registered[name]
