"""Dense autoencoder with a code of 8 on scikit-learn's 8x8 digits.

    zoo train dense_digits

Claim: the test MSE is at most 0.7 times that of PCA with 8 components.
Reference: Hinton & Salakhutdinov, Science 313 (2006), where deep autoencoders beat PCA.
Result: test MSE 0.0116. PCA has 0.0238, the training mean has 0.0727.
Cost: 8 seconds on two CPU cores.
"""

import zoo
from zoo import Gate, Recipe

RECIPE = Recipe(
    name="dense_digits",
    model="dense",
    data="digits",
    epochs=100,
    arguments={"latent_dim": 8},
    batch_size=32,
    learning_rate=2e-3,
    schedule="cosine",
    restarts=3,
    gates=(Gate("test_mse_over_pca", at_most=0.7),),
)

if __name__ == "__main__":
    zoo.cli.run(RECIPE)
