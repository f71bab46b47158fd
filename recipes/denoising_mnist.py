"""Denoising autoencoder with a code of 256 on MNIST, with Gaussian noise of standard deviation 0.4.

    zoo train denoising_mnist

Noisy values are cut off at 0 and 1.

Claim: the test cross-entropy is at most 0.0800 nats per value. The test MSE is at most 0.15 times
that of the noisy input, and at most 0.7 times that of PCA with 256 components.
Reference: Vincent et al., Stacked Denoising Autoencoders, JMLR 11 (2010). The convolutional
autoencoder of Keras's example reaches a cross-entropy of 0.0839.
Result: test cross-entropy 0.0796. The training mean has 0.2625. The test MSE is 0.0060; the noisy
input has 0.0796, PCA 0.0353, a Gaussian filter 0.0425.
Cost: 44 minutes on one CPU core, which was shared at times, for each of three seeds.
"""

import zoo
from zoo import Gate, Recipe

RECIPE = Recipe(
    name="denoising_mnist",
    model="denoising",
    data="mnist",
    epochs=80,
    arguments={
        "latent_dim": 256,
        "corruption": "gaussian",
        "strength": 0.4,
        "clip": True,
        "body": "conv",
        "hidden": (),
        "filters": (32, 64),
        "activation": "gelu",
        "batch_normalization": True,
    },
    batch_size=128,
    learning_rate=3e-3,
    schedule="cosine",
    loss="binary_crossentropy",
    shift=1,
    restarts=3,
    per_channel=True,
    gates=(
        Gate("test_mse_over_noisy", at_most=0.15),
        Gate("test_mse_over_pca", at_most=0.7),
    ),
    goal=Gate("test_bce", at_most=0.0800),
    reference="0.0839 the convolutional autoencoder of Keras's example",
)

if __name__ == "__main__":
    zoo.cli.run(RECIPE)
