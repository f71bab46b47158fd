"""What trained weights depend on: a run that is resumed continues the same task, or starts anew."""

import hashlib
import inspect
from pathlib import Path
from typing import Any

import zoo
from zoo import registry
from zoo.autoencoder import Autoencoder
from zoo.data.dataset import Dataset
from zoo.data.fingerprint import fingerprint
from zoo.recipe import Precision, Recipe, Strategy
from zoo.training.distribution_strategy import make_strategy
from zoo.training.run_environment import environment

# Fields of a recipe that the weights trained from one seed do not depend on.
OF_NO_WEIGHT = ("name", "data", "restarts", "seed", "per_channel", "gates", "goal", "reference")
# Rooms of the package whose code makes weights, beside its core.
ROOMS = ("layers", "models", "data", "training")


def task_of(
    recipe: Recipe,
    model: Autoencoder,
    dataset: Dataset,
    strategy: Strategy,
    precision: Precision,
) -> dict[str, Any]:
    """Return what the weights trained from a seed depend on, in plain values.

    Args:
        recipe: What is trained.
        model: The recipe's model, built for the data; its weights do not matter.
        dataset: Its data: their content counts, not their name.
        strategy: See `make_strategy`; the number of devices counts.
        precision: What training computes in.
    """
    fields = {k: v for k, v in recipe.to_json().items() if k not in OF_NO_WEIGHT}
    where = environment()
    return {
        "recipe": fields,
        "data": fingerprint(dataset),
        "replicas": make_strategy(strategy).num_replicas_in_sync,
        "precision": precision,
        "code": code_digest(recipe.model, model),
        "versions": where["versions"],
        "hardware": where["hardware"],
    }


def code_digest(name: str, model: Autoencoder) -> str:
    """Return the sha256 of the code that trains a model.

    That is the package's own, the builder's, and that of layers of the user's own.

    Args:
        name: Name of the model's builder.
        model: The model.
    """
    root = Path(zoo.__file__).parent
    files = [file for room in (".", *ROOMS) for file in sorted((root / room).glob("*.py"))]
    builder = registry.builder_of(registry.canonical_name(name))
    layers = [*model.encoder.layers, *model.decoder.layers]
    # In a stable order, each once.
    own = dict.fromkeys([builder, *(type(layer) for layer in layers)])
    code = [file.read_bytes() for file in files]
    code += [_source(thing) for thing in own if not thing.__module__.startswith(("keras.", "zoo."))]
    digest = hashlib.sha256()
    for part in code:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _source(thing: Any) -> bytes:
    """Return the file that a function or a class is from, or what is known of it without one."""
    try:
        return Path(inspect.getfile(thing)).read_bytes()
    except (OSError, TypeError):
        # From a notebook or a string.
        pass
    try:
        return inspect.getsource(thing).encode()
    except (OSError, TypeError):
        return repr(getattr(thing, "__qualname__", thing)).encode()
