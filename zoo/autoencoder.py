"""The model class that every builder returns, and loading it from a file."""

import os
from pathlib import Path

import keras

# Imported to register the custom layers that a file may hold.
import zoo.layers  # noqa: F401
from zoo.errors import InputError


@keras.saving.register_keras_serializable("zoo")
class Autoencoder(keras.Model):
    """A Functional model `decoder(encoder(x))` that keeps both halves at hand.

    Build one with `Autoencoder.join(encoder, decoder)`. It compiles, fits, saves and exports as any
    Keras model does; whatever it adds to the loss lives in its layers.
    """

    @classmethod
    def join(cls, encoder: keras.Model, decoder: keras.Model, name: str) -> "Autoencoder":
        """Chain two models named `encoder` and `decoder` into one autoencoder.

        Args:
            encoder: `(batch, *input_shape)` -> `(batch, latent_dim)`.
            decoder: `(batch, latent_dim)` -> `(batch, *input_shape)`.
            name: Name of the joined model.
        """
        inputs = keras.Input(encoder.input_shape[1:], name="inputs")
        return cls(inputs, decoder(encoder(inputs)), name=name)

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
