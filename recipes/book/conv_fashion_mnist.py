"""Convolutional autoencoder with a code of 32 on Fashion-MNIST.

    zoo train conv_fashion_mnist

Claim: less than the wide dense net's 0.0068. The goal of 0.0060 is missed by 0.2 %.
Reference: Masci et al., Stacked Convolutional Auto-Encoders, ICANN 2011; a dense net of
1000-500-250 units reaches 0.0068.
Result: test MSE 0.0060 against PCA's 0.0151 and the mean's 0.0866; 44 minutes on half a CPU core
for each of three seeds.
Tried, validation MSE after 8 epochs: with shifts 0.0073, with shifts and 256 hidden units 0.0076.
"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="conv_fashion_mnist",
    model="conv",
    data="fashion_mnist",
    epochs=75,
    arguments={
        "latent_dim": 32,
        "filters": (32, 32),
        "hidden": (512,),
        "activation": "gelu",
        "batch_normalization": True,
    },
    batch_size=128,
    learning_rate=6e-3,
    schedule="cosine",
    flip=True,
    restarts=3,
    per_channel=True,
    gates=(Gate("test_mse_over_pca", at_most=0.6),),
    goal=Gate("test_mse", at_most=0.0060),
    reference="0.0068 a wide dense net",
)
