"""Dense autoencoder with a code of 3 on MNIST.

    zoo train dense_mnist_3

Claim: less than the textbook network's 0.0306 and a wide dense net's 0.0266. The goal of 0.0250 is
missed by 4 %.
Reference: Hinton & Salakhutdinov, Science 313 (2006).
Result: test MSE 0.0257 against PCA's 0.0516 and the mean's 0.0675; 16 minutes on one CPU core for
each of three seeds, longer where two share it.
Tried, validation MSE: four layers of 384 units without noise 0.0248, with noise of 0.25 0.0247,
both after 200 epochs; four of 448 with noise of 0.3 0.0252 after 130; three of 512 0.0253 after
240, 0.0257 after 120, 0.0259 after these 90. But nets grow steeper with depth and with time: the
files of those others differ from Keras's outputs by 1.05e-5 to 5e-5, by the rounding of sums
alone, and 1e-5 pass.
"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="dense_mnist_3",
    model="dense",
    data="mnist",
    epochs=90,
    arguments={
        "latent_dim": 3,
        "hidden": (512, 512, 512),
        "activation": "gelu",
        "batch_normalization": True,
    },
    batch_size=128,
    learning_rate=3e-3,
    weight_decay=0.2,
    schedule="cosine",
    noise=0.2,
    restarts=3,
    per_channel=True,
    gates=(Gate("test_mse_over_pca", at_most=0.6),),
    goal=Gate("test_mse", at_most=0.0250),
    reference="0.0306 the textbook network",
)
