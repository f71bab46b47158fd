"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="sparse_digits",
    model="sparse",
    data="digits",
    epochs=200,
    arguments={"latent_dim": 64},
    batch_size=32,
)
