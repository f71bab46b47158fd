"""Denoising autoencoder on scikit-learn's 8x8 digits with Gaussian noise of standard deviation 0.3.

    zoo train denoising_digits

Claim: the test MSE is at most 0.3 times that of the noisy input, and at most 0.7 times that of PCA
with 16 components, which gets the same noisy input.
Reference: Vincent et al., Stacked Denoising Autoencoders, JMLR 11 (2010).
Result: test MSE 0.0178. The noisy input has 0.0907, PCA 0.0340, the training mean 0.0727.
Cost: 10 seconds on two CPU cores.
"""

import zoo
from zoo import Gate, Recipe

RECIPE = Recipe(
    name="denoising_digits",
    model="denoising",
    data="digits",
    epochs=100,
    arguments={"latent_dim": 16, "corruption": "gaussian", "strength": 0.3},
    batch_size=32,
    learning_rate=2e-3,
    schedule="cosine",
    restarts=3,
    gates=(
        Gate("test_mse_over_noisy", at_most=0.3),
        Gate("test_mse_over_pca", at_most=0.7),
    ),
)

if __name__ == "__main__":
    zoo.cli.run(RECIPE)
