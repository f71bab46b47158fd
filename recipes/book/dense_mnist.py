"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="dense_mnist",
    model="dense",
    data="mnist",
    epochs=20,
    arguments={"latent_dim": 32, "hidden": (256, 128)},
)
