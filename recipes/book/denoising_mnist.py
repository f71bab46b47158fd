"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="denoising_mnist",
    model="denoising",
    data="mnist",
    epochs=20,
    arguments={"latent_dim": 64, "hidden":(256,), "corruption": "gaussian", "strength": 0.4},
)
