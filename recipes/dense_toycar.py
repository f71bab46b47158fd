"""MLPerf Tiny's anomaly detector: a dense autoencoder with a code of 8 on the sound of toy cars.

    zoo train dense_toycar --data-dir FOLDER

FOLDER holds `ToyCar` of the development set of DCASE 2020 Challenge Task 2. The reference also adds
the clips of the additional training set to `ToyCar/train`.

Claim: none. The network, its input and its training are those of the reference.
Reference: Banbury et al., MLPerf Tiny Benchmark, 2021, arXiv:2106.07597, after the baseline of
Koizumi et al., DCASE 2020 Challenge Task 2, arXiv:2006.05822.
Result: the full figure has not been measured, because the data may not be passed on. The recipe was
run only on clips of noise.
Cost: on clips of noise, as many as the development set has (4000 to train on), an epoch took 47
seconds on two CPU cores. Training needed 11 GB of memory.
"""

import zoo
from zoo import Recipe

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

if __name__ == "__main__":
    zoo.cli.run(RECIPE)
