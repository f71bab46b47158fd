"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="conv_mnist",
    model="conv",
    data="mnist",
    epochs=10,
    arguments={"latent_dim": 16},
)
