"""Dense autoencoder with a code of 30 on MNIST.

    zoo train dense_mnist

Claim: the test MSE is at most 0.0030, below that of the reference.
Reference: Hinton & Salakhutdinov, Science 313 (2006): 3.00 per image, which is 0.0038 per pixel.
Result: test MSE 0.0029. PCA with 30 components has 0.0177, the training mean has 0.0675.
Cost: 20 minutes on one CPU core for each of three seeds.
"""

import zoo
from zoo import Gate, Recipe

RECIPE = Recipe(
    name="dense_mnist",
    model="dense",
    data="mnist",
    epochs=100,
    arguments={
        "latent_dim": 30,
        "hidden": (1024, 256),
        "activation": "gelu",
        "batch_normalization": True,
    },
    batch_size=128,
    learning_rate=3e-3,
    schedule="cosine",
    shift=1,
    restarts=3,
    # With one int8 scale for a whole layer the error grew by 5 %.
    per_channel=True,
    gates=(Gate("test_mse_over_pca", at_most=0.25),),
    goal=Gate("test_mse", at_most=0.0030),
    reference="0.0038 Hinton & Salakhutdinov 2006",
)

if __name__ == "__main__":
    zoo.cli.run(RECIPE)
