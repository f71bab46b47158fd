"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="conv_digits",
    model="conv",
    data="digits",
    epochs=200,
    arguments={"latent_dim": 8},
    batch_size=32,
)
