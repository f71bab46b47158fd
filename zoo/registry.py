"""Model names and the builders behind them."""

import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from zoo import name_matching
from zoo.errors import InputError
from zoo.plain_values import plain

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder

# The builder of a built-in name is the function of that name in the module of that name in
# `zoo.models`; it is imported on first use, since that loads Keras.
BUILT_IN = {
    "conv": "Strided convolutions encode an image to a vector, transposed ones decode it.",
    "dense": "Fully connected layers, for samples of any shape (Hinton & Salakhutdinov 2006).",
    "denoising": "Reconstructs clean samples from corrupted ones (Vincent et al. 2010).",
    "lstm": "One LSTM encodes a sequence to a vector, another decodes it (Srivastava et al. 2015).",
    "sparse": "Few units of the code are active: L1, KL or k-sparse (Makhzani & Frey 2013).",
    "vae": "Variational: a Gaussian code, and samples from a prior (Kingma & Welling 2013).",
}

Builder = TypeVar("Builder", bound=Callable[..., Any])

_registered: dict[str, Callable[..., "Autoencoder"]] = {}


def register(builder: Builder) -> Builder:
    """Add a builder under its function's name (a decorator); `zoo.get` then finds it.

    Args:
        builder: Function with keyword-only arguments that all have defaults, among them
            `input_shape`; returns an uncompiled `zoo.Autoencoder`.

    Returns:
        The builder, unchanged.

    Raises:
        InputError: Another builder has that name.
    """
    name = builder.__name__.lower()
    if name in BUILT_IN or not _is_same(_registered.get(name, builder), builder):
        raise InputError(f"A model named {name!r} is registered already: rename your builder.")
    _registered[name] = builder
    return builder


def _is_same(known: Callable, builder: Callable) -> bool:
    """Return whether two functions are the same lines of the same file, which was run twice."""
    mine, theirs = builder.__code__, known.__code__
    return (mine.co_filename, mine.co_firstlineno) == (theirs.co_filename, theirs.co_firstlineno)


def list_names() -> list[str]:
    """Return the name of every model, sorted."""
    return sorted([*BUILT_IN, *_registered])


def canonical_name(name: str) -> str:
    """Return the registered spelling of a name, which is matched without regard to case.

    Raises:
        InputError: No model has that name; the message lists the names and the nearest one.
    """
    return name_matching.match(name, list_names(), "model")


def describe(name: str) -> str:
    """Return one line on what the model is, without loading Keras.

    Raises:
        InputError: No model has that name.
    """
    name = canonical_name(name)
    if name in BUILT_IN:
        return BUILT_IN[name]
    return (inspect.getdoc(_registered[name]) or "").partition("\n")[0]


def defaults(name: str) -> dict[str, Any]:
    """Return the arguments of a model's builder and their defaults.

    Raises:
        InputError: No model has that name.
    """
    parameters = inspect.signature(builder_of(canonical_name(name))).parameters
    return {argument: parameter.default for argument, parameter in parameters.items()}


def build(name: str, /, **arguments: Any) -> "Autoencoder":
    """Build an untrained model by name; see `zoo.get`."""
    name = canonical_name(name)
    builder = builder_of(name)
    known = inspect.signature(builder).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in known.values())
    unknown = [argument for argument in arguments if argument not in known]
    if unknown and not takes_any:
        raise InputError(
            f"{name!r} has no argument {unknown[0]!r}; its arguments are {', '.join(known)}."
        )
    from zoo import keras_settings

    with keras_settings.channels_last():
        try:
            return builder(**plain(arguments))
        except InputError:
            raise
        # Keras raises errors of many types on values that make no sense together.
        except Exception as error:
            given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
            reason = str(error).strip().partition("\n")[0][:200]
            raise InputError(
                f"{name!r} cannot be built with {given or 'its defaults'} "
                f"({type(error).__name__}: {reason}): change these arguments."
            ) from error


def builder_of(name: str) -> Callable[..., "Autoencoder"]:
    """Return the builder of a name in its registered spelling."""
    if name in BUILT_IN:
        return getattr(importlib.import_module(f"zoo.models.{name}"), name)
    return _registered[name]
