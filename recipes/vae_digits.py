"""Variational autoencoder with a code of 8 on scikit-learn's 8x8 digits.

    zoo train vae_digits

Claim: the test MSE is at most 0.7 times that of PCA with 8 components, and at least 4 units of the
code are active.
Reference: Kingma & Welling, Auto-Encoding Variational Bayes, 2013, arXiv:1312.6114.
Result: test MSE 0.0123. PCA has 0.0238, the training mean has 0.0727. The KL is 16.7 nats.
Cost: 8 seconds on two CPU cores.
"""

import zoo
from zoo import Gate, Recipe

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

if __name__ == "__main__":
    zoo.cli.run(RECIPE)
