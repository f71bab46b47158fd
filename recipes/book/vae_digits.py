"""Variational autoencoder with a code of 8 on scikit-learn's 8x8 digits.

    zoo train vae_digits

Claim: at most 0.7 of the error of PCA with 8 components, with a code that has not collapsed.
Reference: Kingma & Welling, 2013, arXiv:1312.6114.
Result: test MSE 0.0123 against PCA's 0.0238 and the mean's 0.0727, KL 16.7 nats; 8 seconds on two
CPU cores.
"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="vae_digits",
    model="vae",
    data="digits",
    epochs=100,
    arguments={"latent_dim": 8, "hidden": (128,), "observation_variance": 0.01},
    batch_size=32,
    learning_rate=2e-3,
    schedule="cosine",
    restarts=3,
    gates=(
        Gate("test_mse_over_pca", at_most=0.7),
        Gate("active_units", at_least=4),
    ),
)
