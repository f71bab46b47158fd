"""Whether a recipe, its model and its data fit each other, before anything is trained."""

import math

from zoo import misuse, registry
from zoo.autoencoder import Autoencoder
from zoo.data import memmap_reading, numpy_file
from zoo.data.dataset import Dataset
from zoo.errors import InputError
from zoo.option_words import options
from zoo.recipe import Precision, Recipe

# 8-bit values up to here are numbers of categories or counts rather than grey levels.
MOST_CATEGORIES = 16
# Values beyond these are too large: the sum of the squares of so many in a batch would overflow.
LARGEST = {"float32": 1e15, "mixed_float16": 1e4}


def check_fits(
    recipe: Recipe,
    model: Autoencoder,
    dataset: Dataset,
    replicas: int = 1,
    precision: Precision = "float32",
) -> None:
    """Check that a recipe can train a model on a data set.

    Args:
        recipe: The recipe.
        model: The recipe's model, built for the data.
        dataset: The data.
        replicas: Devices that share a batch.
        precision: What training computes in.

    Raises:
        InputError: The loss does not fit the likelihood or the range of the values, the values are
            too large for the precision, the importance-weighted bound does not fit the model, the
            batch does not fit the data or the replicas, or samples that are no images would be
            shifted or mirrored.
    """
    _check_batch(recipe, dataset, replicas)
    _check_range(recipe, model, dataset)
    _check_loss(recipe, model)
    _check_scale(dataset, precision)
    _check_importance_samples(recipe, model)
    _check_augmentation(recipe, dataset)


def doubts(recipe: Recipe, model: Autoencoder, dataset: Dataset) -> list[str]:
    """Return a sentence for each thing that can be trained, but is hardly meant.

    That is an output or a loss that does not suit the values, samples that are all the same, and
    8-bit values that are no grey levels.
    """
    lowest, highest = memmap_reading.bounds(dataset.train)
    found = [
        misuse.beyond_output(model, lowest, highest),
        misuse.wrong_loss(model, recipe.loss),
        # Of samples in a file, which are shuffled, the first ones tell.
        misuse.alike(next(memmap_reading.chunks(dataset.train))),
    ]
    table = dataset.train.ndim == 2 or 255 * highest <= MOST_CATEGORIES
    if dataset.scaling == numpy_file.DIVIDED and table:
        found.append(
            f"The 8-bit values of {dataset.name!r} were divided by 255, as those of images are: if "
            "they are no grey levels, save them as floats, numpy.save(FILE, x.astype('float32'))."
        )
    return [sentence for sentence in found if sentence]


def _check_batch(recipe: Recipe, dataset: Dataset, replicas: int) -> None:
    if recipe.batch_size > len(dataset.train):
        raise InputError(
            f"batch_size {recipe.batch_size} is larger than the training split of "
            f"{dataset.name!r}, {len(dataset.train)} samples: use at most "
            f"{options(batch_size=len(dataset.train))}."
        )
    if min(recipe.batch_size, len(dataset.validation)) < replicas:
        raise InputError(
            f"batch_size {recipe.batch_size} and a validation split of {len(dataset.validation)} "
            f"samples cannot be split over {replicas} replicas: use {options(strategy='single')}."
        )


def _check_range(recipe: Recipe, model: Autoencoder, dataset: Dataset) -> None:
    low, high = dataset.value_range
    if low >= 0 and high <= 1:
        return
    arguments = {"output_activation": "linear"}
    if model.likelihood == "bernoulli":
        what, arguments = "likelihood 'bernoulli'", {"likelihood": "gaussian", **arguments}
    elif recipe.loss == "binary_crossentropy":
        what = "loss binary_crossentropy"
    else:
        return
    # A model of the user's own may lack these.
    known = arguments.keys() <= registry.defaults(recipe.model).keys()
    advice = f"use {options(arguments, loss='mse')}, or scale the values"
    raise InputError(
        f"The {what} needs values on [0, 1], but those of {dataset.name!r} leave it: "
        f"{advice if known else 'scale the values'}."
    )


def _check_loss(recipe: Recipe, model: Autoencoder) -> None:
    if model.likelihood is None:
        return
    loss = misuse.LIKELIHOOD_LOSS[model.likelihood]
    if recipe.loss != loss:
        raise InputError(
            f"loss must be {loss} for the likelihood {model.likelihood!r}, but got "
            f"{recipe.loss!r}: use {options(loss=loss)}."
        )


def _check_scale(dataset: Dataset, precision: Precision) -> None:
    """Refuse values of which training could not compute a loss in this precision."""
    most = max(map(abs, memmap_reading.bounds(dataset.train)))
    if most > LARGEST["float32"]:
        raise InputError(
            f"The values of {dataset.name!r} reach a magnitude of {most:g}, and float32 cannot "
            "hold the sum of their squares: scale the data, for example to a mean of 0 and a "
            "standard deviation of 1."
        )
    if most > LARGEST.get(precision, math.inf):
        raise InputError(
            f"The values of {dataset.name!r} reach a magnitude of {most:g}, too large for "
            f"{precision}: use {options(precision='float32')}, or scale the data."
        )


def _check_importance_samples(recipe: Recipe, model: Autoencoder) -> None:
    if recipe.importance_samples == 1:
        return
    latent = model.latent
    if (
        latent is None
        or model.likelihood != "bernoulli"
        or latent.warmup_steps
        or not math.isclose(latent.weight, 1 / math.prod(model.sample_shape))
    ):
        raise InputError(
            f"importance_samples must be 1 for this {model.name!r} model, but got "
            f"{recipe.importance_samples}: use {options(importance_samples=1)}, since more than "
            "one needs a vae with likelihood=bernoulli, kl_weight=1 and kl_warmup_steps=0."
        )


def _check_augmentation(recipe: Recipe, dataset: Dataset) -> None:
    shape = dataset.train.shape[1:]
    if (recipe.shift or recipe.flip) and len(shape) != 3:
        raise InputError(
            f"Only images can be shifted or flipped, but samples of {dataset.name!r} have shape "
            f"{shape}: use {options(shift=0, flip=False)}."
        )
