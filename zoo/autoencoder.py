"""The model class that every builder returns, and loading it from a file."""

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

# Imported to register the custom layers that a file may hold.
import zoo.layers  # noqa: F401
from zoo import scoring
from zoo.errors import InputError


@keras.saving.register_keras_serializable("zoo")
class Autoencoder(keras.Model):
    """A Functional model `decoder(encoder(x))` that keeps both halves at hand.

    Build one with `Autoencoder.join(encoder, decoder)`. It compiles, fits, saves and exports as any
    Keras model does; whatever it adds to the loss lives in its layers.

    Attributes:
        score_window: Window that `score` averages errors over, see `zoo.scoring.score`.
    """

    score_window = 1

    @classmethod
    def join(
        cls, encoder: keras.Model, decoder: keras.Model, name: str, score_window: int = 1
    ) -> "Autoencoder":
        """Chain two models named `encoder` and `decoder` into one autoencoder.

        Args:
            encoder: `(batch, *input_shape)` -> `(batch, latent_dim)`.
            decoder: `(batch, latent_dim)` -> `(batch, *input_shape)`.
            name: Name of the joined model.
            score_window: See the attribute.
        """
        inputs = keras.Input(encoder.input_shape[1:], name="inputs")
        model = cls(inputs, decoder(encoder(inputs)), name=name)
        model.score_window = score_window
        return model

    def score(self, x: np.ndarray) -> np.ndarray:
        """Return each sample's anomaly score, the higher, the less like the training data.

        Args:
            x: Samples, `(batch, *input_shape)`.

        Returns:
            Mean squared errors, see `zoo.scoring.score`: `(batch,)`, in squared units of the data.
        """
        return scoring.score(self.predict(x, verbose=0), np.asarray(x), self.score_window)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "score_window": self.score_window}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> "Autoencoder":
        config = dict(config)
        # Files of earlier versions have none.
        score_window = config.pop("score_window", cls.score_window)
        model = super().from_config(config, custom_objects)
        model.score_window = score_window
        return model

    @property
    def encoder(self) -> keras.Model:
        """`(batch, *input_shape)` -> code, `(batch, latent_dim)`."""
        return self.get_layer("encoder")

    @property
    def decoder(self) -> keras.Model:
        """Code, `(batch, latent_dim)` -> reconstruction, `(batch, *input_shape)`."""
        return self.get_layer("decoder")

    @property
    def latent_dim(self) -> int:
        """Size of the code."""
        return self.encoder.output_shape[-1]


def load(path: str | os.PathLike) -> Autoencoder:
    """Load an autoencoder from a `.keras` file, in safe mode: no code in the file is run.

    Args:
        path: A `model.keras`, as `zoo train` writes it or `model.save` does.

    Returns:
        The model as it was saved.

    Raises:
        InputError: No such file, a damaged one, or a model that is no `Autoencoder`.
    """
    if not Path(path).is_file():
        raise InputError(f"There is no file {path}.")
    try:
        model = keras.saving.load_model(path, safe_mode=True)
    # Keras raises whatever its parsers raise on a damaged file: zip, JSON, HDF5 and type errors.
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"{path} is damaged or no Keras model that can be trusted: {reason}"
        ) from error
    if not isinstance(model, Autoencoder):
        raise InputError(f"{path} holds a {type(model).__name__}, not an Autoencoder of this zoo.")
    return model
