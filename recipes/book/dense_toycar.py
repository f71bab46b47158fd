"""MLPerf Tiny's anomaly detector: a dense autoencoder with a code of 8 on the sound of toy cars.

    zoo train dense_toycar --data-dir FOLDER

FOLDER holds `ToyCar` of DCASE 2020 Challenge Task 2, development set; the reference adds the clips
of the additional training set to `ToyCar/train`.

Claim: none yet; the network, its input and its training are those of the reference.
Reference: Banbury et al., MLPerf Tiny Benchmark, 2021, arXiv:2106.07597, after the baseline of
Koizumi et al., DCASE 2020 Challenge Task 2, arXiv:2006.05822.
Result: the full figure has not been measured, since the data may not be passed on; it was run on
made-up clips alone. On noise of the development set's size, 4000 clips to train, an epoch took 47
seconds on two CPU cores, and 11 GB of memory were needed.
"""

from recipes.recipe import Recipe

RECIPE = Recipe(
    name="dense_toycar",
    model="dense",
    data="toycar",
    epochs=100,
    arguments={
        "latent_dim": 8,
        "hidden": (128, 128, 128, 128),
        "latent_activation": "relu",
        "output_activation": "linear",
        "batch_normalization": True,
    },
    batch_size=512,
    learning_rate=1e-3,
)
