"""LSTM autoencoder with a code of 8 on the heartbeats of ECG5000.

    zoo train lstm_ecg5000

Claim: at most 0.2 of the mean's error, learned from 450 beats. PCA with 8 components, a strong
baseline for beats that are aligned, does about as well.
Reference: Srivastava et al., 2015, arXiv:1502.04681.
Result: test MSE 0.0367 against PCA's 0.0365 and the mean's 0.4646; 30 seconds on two CPU cores.
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
    gates=(Gate("test_mse_over_mean", at_most=0.2),),
)
