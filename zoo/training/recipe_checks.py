"""Whether a recipe, its model and its data fit each other, before anything is trained."""

import math

from zoo.autoencoder import Autoencoder
from zoo.data.dataset import Dataset
from zoo.errors import InputError
from zoo.recipe import Loss, Recipe

# The loss that makes a variational model's training loss its ELBO, by its likelihood.
LIKELIHOOD_LOSS: dict[str, Loss] = {"gaussian": "mse", "bernoulli": "binary_crossentropy"}


def check_fits(recipe: Recipe, model: Autoencoder, dataset: Dataset, replicas: int = 1) -> None:
    """Check that a recipe can train a model on a data set.

    Args:
        recipe: The recipe.
        model: The recipe's model, built for the data.
        dataset: The data.
        replicas: Devices that share a batch.

    Raises:
        InputError: The loss does not fit the likelihood or the range of the values, the
            importance-weighted bound does not fit the model, the batch does not fit the data or
            the replicas, or samples that are no images would be shifted or mirrored.
    """
    _check_batch(recipe, dataset, replicas)
    _check_range(recipe, model, dataset)
    _check_loss(recipe, model)
    _check_importance_samples(recipe, model)
    _check_augmentation(recipe, dataset)


def _check_batch(recipe: Recipe, dataset: Dataset, replicas: int) -> None:
    if recipe.batch_size > len(dataset.train):
        raise InputError(
            f"batch_size {recipe.batch_size} is larger than the training split of "
            f"{dataset.name!r}, {len(dataset.train)} samples: choose a smaller one."
        )
    if min(recipe.batch_size, len(dataset.validation)) < replicas:
        raise InputError(
            f"batch_size {recipe.batch_size} and a validation split of {len(dataset.validation)} "
            f"samples cannot be split over {replicas} replicas: use at least one sample for each."
        )


def _check_range(recipe: Recipe, model: Autoencoder, dataset: Dataset) -> None:
    low, high = dataset.value_range
    if low >= 0 and high <= 1:
        return
    if model.likelihood == "bernoulli":
        raise InputError(
            f"The likelihood 'bernoulli' needs values on [0, 1], but those of {dataset.name!r} "
            "leave it: choose --loss mse --set likelihood=gaussian --set output_activation=linear."
        )
    if recipe.loss == "binary_crossentropy":
        raise InputError(
            f"The loss binary_crossentropy needs values on [0, 1], but those of {dataset.name!r} "
            "leave it: choose --loss mse (loss='mse') and --set output_activation=linear."
        )


def _check_loss(recipe: Recipe, model: Autoencoder) -> None:
    if model.likelihood is None:
        return
    loss = LIKELIHOOD_LOSS[model.likelihood]
    if recipe.loss != loss:
        raise InputError(
            f"loss must be {loss} for the likelihood {model.likelihood!r}, but got {recipe.loss!r}."
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
            f"{recipe.importance_samples}: more than one needs a vae with likelihood=bernoulli, "
            "kl_weight=1 and kl_warmup_steps=0."
        )


def _check_augmentation(recipe: Recipe, dataset: Dataset) -> None:
    shape = dataset.train.shape[1:]
    if (recipe.shift or recipe.flip) and len(shape) != 3:
        raise InputError(
            f"Only images can be shifted or flipped, but samples of {dataset.name!r} have shape "
            f"{shape}: use --shift 0 --no-flip (shift=0, flip=False)."
        )
