"""The model class that every builder returns."""

import functools
import math
from typing import Any

import keras
import numpy as np

from zoo import anomaly_scoring
from zoo.argument_checks import check_choice
from zoo.errors import InputError

# The layers that a file may hold are registered with Keras by their import.
from zoo.layers import Corruption, GaussianLatent

LIKELIHOODS = ("gaussian", "bernoulli")


@keras.saving.register_keras_serializable("zoo")
class Autoencoder(keras.Model):
    """A Functional model `decoder(encoder(x))` that keeps both halves at hand.

    Build one with `Autoencoder.join(encoder, decoder)`. It compiles, fits, saves and exports as any
    Keras model does; whatever it adds to the loss is in its layers. Its properties say what kind of
    model it is. All other code asks these properties, not the model's name or its layers.

    Attributes:
        score_window: Window that `score` averages errors over, see `zoo.anomaly_scoring.score`.
        likelihood: The distribution that a variational model gives to values: `gaussian`, to be
            trained on `mse`, or `bernoulli`, to be trained on `binary_crossentropy`; None for a
            model that names none.
    """

    score_window = 1
    likelihood: str | None = None

    @classmethod
    def join(
        cls,
        encoder: keras.Model,
        decoder: keras.Model,
        name: str,
        score_window: int = 1,
        likelihood: str | None = None,
    ) -> "Autoencoder":
        """Chain two models named `encoder` and `decoder` into one autoencoder.

        Args:
            encoder: `(batch, *sample_shape)` -> `(batch, *code_shape)`. The code may be a vector, a
                map, a sequence, or whole numbers.
            decoder: `(batch, *code_shape)` -> `(batch, *sample_shape)`.
            name: Name of the joined model.
            score_window: See the attribute.
            likelihood: See the attribute.

        Raises:
            InputError: The halves do not fit each other, or there is no such likelihood.
        """
        _check_halves(encoder, decoder)
        if likelihood is not None:
            check_choice(LIKELIHOODS, likelihood=likelihood)
        inputs = keras.Input(encoder.input_shape[1:], name="inputs")
        model = cls(inputs, decoder(encoder(inputs)), name=name)
        model.score_window = score_window
        model.likelihood = likelihood
        return model

    @property
    def encoder(self) -> keras.Model:
        """`(batch, *sample_shape)` -> code, `(batch, *code_shape)`."""
        return self.get_layer("encoder")

    @property
    def decoder(self) -> keras.Model:
        """Code, `(batch, *code_shape)` -> reconstruction, `(batch, *sample_shape)`."""
        return self.get_layer("decoder")

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Shape of one sample, without the batch axis."""
        return tuple(self.input_shape[1:])

    @property
    def code_shape(self) -> tuple[int, ...]:
        """Shape of one sample's code: `(16,)` for a vector, `(7, 7, 4)` for a map of vectors."""
        return tuple(self.encoder.output_shape[1:])

    @property
    def latent_dim(self) -> int:
        """Number of values in one sample's code."""
        return math.prod(self.code_shape)

    @property
    def corruption(self) -> Corruption | None:
        """The layer that corrupts the input in training; None for a model that has none."""
        return _first(self.encoder, Corruption)

    @property
    def latent(self) -> GaussianLatent | None:
        """The layer that draws the code from q(z|x) in training; None for a model that has none."""
        return _first(self.encoder, GaussianLatent)

    @property
    def has_prior(self) -> bool:
        """Whether codes drawn from N(0, I) decode to samples like the training data."""
        return self.latent is not None

    @functools.cached_property
    def posterior(self) -> keras.Model:
        """`(batch, *sample_shape)` -> `[mean, log_variance]` of q(z|x); needs a prior."""
        if self.latent is None:
            raise InputError(f"{self.name!r} has no posterior: its code is not drawn.")
        return keras.Model(self.encoder.input, self.latent.input)

    def corrupt(self, samples: np.ndarray, seed: int = 0) -> np.ndarray:
        """Return the inputs from which the model is judged on giving back `samples`.

        Args:
            samples: `(batch, *sample_shape)`.
            seed: Seed of the noise; the same seed gives the same inputs.

        Returns:
            For a model that corrupts its input the samples, corrupted as in training; for any other
            model the samples themselves.
        """
        if self.corruption is None:
            return samples
        fixed = type(self.corruption).from_config({**self.corruption.get_config(), "seed": seed})
        return keras.ops.convert_to_numpy(fixed.corrupt(keras.ops.convert_to_tensor(samples)))

    def score(self, x: np.ndarray) -> np.ndarray:
        """Return each sample's anomaly score, the higher, the less like the training data.

        Args:
            x: Samples, `(batch, *sample_shape)`.

        Returns:
            Mean squared errors, `(batch,)`, in squared units of the data; see
            `zoo.anomaly_scoring.score`.
        """
        return anomaly_scoring.score(self.predict(x, verbose=0), np.asarray(x), self.score_window)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "score_window": self.score_window}
        return config if self.likelihood is None else {**config, "likelihood": self.likelihood}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> "Autoencoder":
        config = dict(config)
        # Files of earlier versions lack one of these or both.
        score_window = config.pop("score_window", cls.score_window)
        likelihood = config.pop("likelihood", cls.likelihood)
        model = super().from_config(config, custom_objects)
        model.score_window, model.likelihood = score_window, likelihood
        return model


def copy(model: Autoencoder) -> Autoencoder:
    """Return a copy of a model with weights of its own, uncompiled."""
    copied = type(model).from_config(model.get_config())
    copied.set_weights(model.get_weights())
    return copied


def _check_halves(encoder: keras.Model, decoder: keras.Model) -> None:
    if (encoder.name, decoder.name) != ("encoder", "decoder"):
        raise InputError(
            "The halves of an autoencoder must be named encoder and decoder, but are "
            f"{encoder.name!r} and {decoder.name!r}: pass keras.Model(..., name='encoder')."
        )
    if encoder.output_shape[1:] != decoder.input_shape[1:]:
        raise InputError(
            f"The encoder gives codes of shape {encoder.output_shape[1:]}, but the decoder takes "
            f"{decoder.input_shape[1:]}: make them alike."
        )
    if encoder.input_shape[1:] != decoder.output_shape[1:]:
        raise InputError(
            f"The encoder takes samples of shape {encoder.input_shape[1:]}, but the decoder gives "
            f"{decoder.output_shape[1:]}: make them alike."
        )


def _first(model: keras.Model, kind: type) -> Any:
    return next((layer for layer in model.layers if isinstance(layer, kind)), None)
