"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="lstm_digits",
    model="lstm",
    data="digits",
    epochs=200,
    arguments={"latent_dim": 8},
    batch_size=32,
)
