"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="vae_mnist",
    model="vae",
    data="mnist",
    epochs=20,
    arguments={"latent_dim": 20, "hidden": (400,)},
)
