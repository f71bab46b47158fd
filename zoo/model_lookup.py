"""What the zoo has to offer by name: models, and trained weights of them."""

from typing import TYPE_CHECKING, Any, Literal, overload

from zoo import registry
from zoo.weights import list_weights, load

if TYPE_CHECKING:
    from zoo.autoencoder import Autoencoder


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
    names = registry.list_names()
    if not weights:
        return names
    found = {name: list_weights(name) for name in names}
    return {name: trained for name, trained in found.items() if trained}


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
    if weights is None:
        return registry.build(name, **arguments)
    return load(registry.canonical_name(name), weights, arguments)
