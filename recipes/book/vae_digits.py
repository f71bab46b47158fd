"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="vae_digits",
    model="vae",
    data="digits",
    epochs=200,
    arguments={"latent_dim": 8, "hidden": (128,)},
    batch_size=32,
)
