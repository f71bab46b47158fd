"""LSTM autoencoder for anomalies among the heartbeats of ECG5000, trained on normal ones.

    zoo train lstm_ecg5000

Claim: ROC AUC of at least 0.98. The goal of 0.996 is missed; PCA with as small a code is a strong
baseline for beats that are aligned.
Reference: SRL-AE, a residual LSTM autoencoder: accuracy 0.986, F1 0.977.
Result: ROC AUC 0.9941 against PCA's 0.9906, but accuracy 0.965 and F1 0.957 against its 0.972 and
0.967; 70 seconds on one CPU core for each of three seeds.
Tried, mean validation AUC of four to six seeds, 0.994 as it is: the last epoch instead of the best
0.994, half the epochs 0.987, 16 units 0.985, 64 units 0.993, frames of 10 samples 0.991, of 2
0.986, codes of 3 0.990, of 4 0.987. Seeds differ by 0.005.
"""

from recipes.recipe import Gate, Recipe

RECIPE = Recipe(
    name="lstm_ecg5000",
    model="lstm",
    data="ecg5000",
    epochs=300,
    arguments={
        "latent_dim": 2,
        "units": 32,
        "frame_length": 4,
        "output_activation": "linear",
    },
    batch_size=16,
    learning_rate=5e-3,
    schedule="cosine",
    # Never stops, but keeps the best epoch: 262 beats are soon learnt by heart.
    patience=300,
    normal_label=0,
    restarts=3,
    gates=(Gate("auc", at_least=0.98),),
    goal=Gate("auc", at_least=0.996),
    reference="accuracy 0.986, F1 0.977 SRL-AE",
)
