"""draft"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="lstm_ecg5000",
    model="lstm",
    data="ecg5000",
    epochs=300,
    arguments={"latent_dim": 8, "output_activation": "linear"},
    batch_size=32,
)
