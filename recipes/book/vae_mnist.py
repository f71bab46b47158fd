"""Variational autoencoder with a code of 40 on binarised MNIST.

    zoo train vae_mnist

Claim: a higher likelihood than an IWAE of 50 codes, 84.78 nats. The goal of 82.9, that of two
stochastic layers, is missed by 1.2 %.
Reference: Burda et al., Importance Weighted Autoencoders, 2015, arXiv:1509.00519, table 1.
Result: NLL in nats 83.83, ELBO 90.3, 22 active units; 41 minutes on one CPU core for each of three
seeds, and as long again to measure its likelihood.
Tried, NLL of 600 validation images, where this has 86.2: a dense net of 512-512 units 90.3, trained
on the bound of 5 codes 89.7; filters (32, 64, 64) on the ELBO for 60 epochs 87.4, then 8 epochs on
the bound 86.5; filters (16, 32, 64) for 15 epochs 90.7, with batches of 64 90.6, with noise on the
input 91.2.
"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="vae_mnist",
    model="vae",
    data="mnist",
    epochs=45,
    arguments={
        "latent_dim": 40,
        "body": "conv",
        "filters": (16, 64, 64),
        "hidden": (256,),
        "activation": "gelu",
        "batch_normalization": True,
        "likelihood": "bernoulli",
    },
    batch_size=128,
    learning_rate=3e-3,
    schedule="cosine",
    loss="binary_crossentropy",
    binarize=True,
    importance_samples=5,
    restarts=3,
    gates=(
        Gate("nll_nats", at_most=86.76),
        Gate("active_units", at_least=10),
    ),
    goal=Gate("nll_nats", at_most=82.9),
    reference="84.78 IWAE k=50, 86.76 VAE",
)
