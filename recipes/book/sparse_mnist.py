"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="sparse_mnist",
    model="sparse",
    data="mnist",
    epochs=20,
    arguments={"latent_dim": 256},
)
