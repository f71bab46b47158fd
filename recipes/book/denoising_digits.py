"""Denoising autoencoder on scikit-learn's 8x8 digits with Gaussian noise of 0.3.

    zoo train denoising_digits

Claim: at most 0.3 of the noise's own error and 0.7 of that of PCA with 16 components.
Reference: Vincent et al., Stacked Denoising Autoencoders, JMLR 11 (2010).
Result: test MSE 0.0178 against the noise's 0.0907, PCA's 0.0340 and the mean's 0.0727; 10 seconds
on two CPU cores.
"""

from recipes.recipe import Gate, Recipe

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
