"""A recipe that trains in a second, for tests."""

from dataclasses import replace

from zoo import training
from zoo.recipe import Recipe

RECIPE = Recipe(
    name="tiny",
    model="dense",
    data="digits",
    epochs=3,
    arguments={"latent_dim": 4, "hidden": (16,)},
    batch_size=32,
)


def train(dataset, **changes):
    return training.train(replace(RECIPE, **changes), dataset)
