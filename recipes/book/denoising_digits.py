"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="denoising_digits",
    model="denoising",
    data="digits",
    epochs=200,
    arguments={"latent_dim": 16, "corruption": "gaussian", "strength": 0.3},
    batch_size=32,
)
