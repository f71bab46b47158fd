"""L1-sparse autoencoder with a code of 64 on scikit-learn's 8x8 digits.

    zoo train sparse_digits

Claim: at most a tenth of the mean's error with a sparse code (PCA-64 is exact on 64 pixels).
Reference: Ng, CS294A lecture notes: Sparse autoencoder, 2011.
Result: test MSE 0.0029 against PCA's 0.0000 and the mean's 0.0727; 9 seconds on two CPU cores.
"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="sparse_digits",
    model="sparse",
    data="digits",
    epochs=100,
    arguments={"latent_dim": 64, "sparsity": "l1", "sparsity_weight": 1e-4},
    batch_size=32,
    learning_rate=2e-3,
    schedule="cosine",
    restarts=3,
    gates=(
        Gate("test_mse_over_mean", at_most=0.1),
        Gate("code_sparsity", at_least=0.3),
    ),
)
