"""The custom layers: corruption, sparsity, the Gaussian code and the LSTM.

At inference each layer is deterministic. In training, noise is drawn from a `SeedGenerator`, so
that `keras.utils.set_random_seed` makes a run repeatable. It is drawn by the functions of
`layer.random`, which is `keras.random`; training may replace it by faster ones.
"""

from zoo.layers.corruption import CORRUPTIONS, Corruption
from zoo.layers.gaussian import GaussianLatent, gaussian_kl
from zoo.layers.lstm import LSTM, lstm_step
from zoo.layers.sparsity import KLSparsity, KSparse, KSparseMaps

__all__ = [
    "CORRUPTIONS",
    "LSTM",
    "Corruption",
    "GaussianLatent",
    "KLSparsity",
    "KSparse",
    "KSparseMaps",
    "gaussian_kl",
    "lstm_step",
]
