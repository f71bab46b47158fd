"""The optimiser of a recipe, with its learning-rate schedule and weight decay."""

from typing import Any

import keras

from zoo.recipe import Recipe


def make_optimizer(recipe: Recipe, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Return the recipe's optimiser; its learning-rate schedule runs over all epochs.

    Weight decay is decoupled from the gradient, as in AdamW, and leaves out biases and the
    parameters of batch normalisation.

    Reference:
        Loshchilov & Hutter, Decoupled Weight Decay Regularization, 2019, arXiv:1711.05101.
    """
    steps = recipe.epochs * steps_per_epoch
    rate: Any = recipe.learning_rate
    if recipe.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, steps)
    elif recipe.schedule == "exponential":
        rate = keras.optimizers.schedules.ExponentialDecay(rate, steps, decay_rate=0.01)
    weight_decay = recipe.weight_decay or None
    if recipe.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, weight_decay=weight_decay)
    elif recipe.optimizer == "rmsprop":
        optimizer = keras.optimizers.RMSprop(rate, weight_decay=weight_decay)
    else:
        optimizer = keras.optimizers.Adam(rate, weight_decay=weight_decay)
    if weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
