"""LSTM autoencoder with a code of 8 that reads scikit-learn's 8x8 digits row by row.

    zoo train lstm_digits

Claim: at most 0.7 of the error of PCA with 8 components.
Reference: Srivastava et al., 2015, arXiv:1502.04681.
Result: test MSE 0.0109 against PCA's 0.0238 and the mean's 0.0727; 30 seconds on two CPU cores.
"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="lstm_digits",
    model="lstm",
    data="digits",
    epochs=100,
    arguments={"latent_dim": 8},
    batch_size=32,
    learning_rate=5e-3,
    schedule="cosine",
    restarts=3,
    gates=(Gate("test_mse_over_pca", at_most=0.7),),
)
