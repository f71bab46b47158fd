"""LSTM autoencoder with a code of 8 on the heartbeats of ECG5000.

    zoo train lstm_ecg5000

Claim: no more error than PCA with 8 components, learned from 450 beats, read 20 values at a time.
Reference: Srivastava et al., 2015, arXiv:1502.04681.
Result: RESULT
"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="lstm_ecg5000",
    model="lstm",
    data="ecg5000",
    epochs=300,
    arguments={"latent_dim": 8, "frame_length": 20, "output_activation": "linear"},
    batch_size=16,
    learning_rate=5e-3,
    schedule="cosine",
    patience=100,
    gates=(Gate("test_mse_over_pca", at_most=1.0),),
)
