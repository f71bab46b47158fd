"""The model class that every builder returns."""

import functools
import math
from typing import Any, ClassVar

import keras
import numpy as np

from zoo import anomaly_scoring, array_checks
from zoo.autoencoder_checks import check_halves, check_kept
from zoo.cloning import Cloneable
from zoo.errors import InputError
from zoo.float32_config import in_float32

# The layers that a file may hold are registered with Keras by their import.
from zoo.layers import Corruption, GaussianLatent
from zoo.layers.gaussian import bounded
from zoo.self_supervision import SelfSupervised


@keras.saving.register_keras_serializable("zoo")
class Autoencoder(Cloneable, SelfSupervised):
    """A Functional model `decoder(encoder(x))` that keeps both halves at hand.

    Build one with `Autoencoder.join(encoder, decoder)`. It compiles, fits, saves and exports as any
    Keras model does; whatever it adds to the loss is in its layers. Where `fit` and the like get no
    targets, the inputs are the targets: `fit(x)` is `fit(x, x)`. Its properties say what kind of
    model it is. All other code asks these properties, not the model's name or its layers.

    Attributes:
        score_window: Window that `score` averages errors over, see `zoo.anomaly_scoring.score`.
        likelihood: The distribution that a variational model gives to values: `gaussian`, to be
            trained on `mse`, or `bernoulli`, to be trained on `binary_crossentropy`; None for a
            model that names none.
        threshold: Score above which a sample counts as an anomaly; None where none was set.
        value_range: Lowest and highest value that a sample may hold, outside of which `score`
            refuses it; None where any finite one may be.
    """

    KEPT: ClassVar = {"score_window": 1, "likelihood": None, "threshold": None, "value_range": None}
    score_window: int
    likelihood: str | None
    threshold: float | None
    value_range: tuple[float, float] | None

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
            InputError: The halves do not fit each other, a layer masks steps, the window is no
                whole number above 0, or there is no such likelihood.
        """
        check_halves(encoder, decoder)
        check_kept(score_window=score_window, likelihood=likelihood)
        inputs = keras.Input(encoder.input_shape[1:], name="inputs")
        model = cls(inputs, decoder(encoder(inputs)), name=name)
        model.score_window = int(score_window)
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
        mean, log_variance = self.latent.input
        return keras.Model(self.encoder.input, [mean, bounded(log_variance)])

    def corrupt(self, samples: np.ndarray, seed: int = 0) -> np.ndarray:
        """Return the inputs from which the model is judged on giving back `samples`.

        Args:
            samples: `(batch, *sample_shape)`.
            seed: Seed of the noise; the same seed gives the same inputs.

        Returns:
            For a model that corrupts its input the samples, corrupted as in training; for any other
            model the samples themselves.

        Raises:
            InputError: They are no samples of the model, as for `score`.
        """
        if self.corruption is None:
            return samples
        samples = array_checks.samples("corrupt", samples, self.sample_shape, self.value_range)
        fixed = type(self.corruption).from_config({**self.corruption.get_config(), "seed": seed})
        return keras.ops.convert_to_numpy(fixed.corrupt(keras.ops.convert_to_tensor(samples)))

    def score(self, x: np.ndarray) -> np.ndarray:
        """Return each sample's anomaly score, the higher, the less like the training data.

        Args:
            x: Samples, `(batch, *sample_shape)`, floats in the units of the data.

        Returns:
            Mean squared errors, `(batch,)`, in squared units of the data; see
            `zoo.anomaly_scoring.score`.

        Raises:
            InputError: The samples have another shape or type, or their values are not finite,
                beyond `value_range`, or so large that the scores are not finite.
        """
        x = array_checks.samples("score", x, self.sample_shape, self.value_range)
        scores = anomaly_scoring.score(self.predict(x, verbose=0), x, self.score_window)
        return array_checks.finite("score", scores, x)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "score_window": self.score_window}
        if self.likelihood is not None:
            config["likelihood"] = self.likelihood
        if self.threshold is not None:
            config["threshold"] = float(self.threshold)
        if self.value_range is not None:
            config["value_range"] = [float(bound) for bound in self.value_range]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None) -> "Autoencoder":
        config = dict(config)
        # Files of earlier versions lack some of these.
        kept = {name: config.pop(name, default) for name, default in cls.KEPT.items()}
        check_kept(**kept)
        model = super().from_config(config, custom_objects)
        for name, value in kept.items():
            # JSON makes a list of the range.
            setattr(model, name, tuple(value) if isinstance(value, list) else value)
        return model


def copy(model: Autoencoder) -> Autoencoder:
    """Return a copy of a model with weights of its own, uncompiled and in float32."""
    copied = type(model).from_config(in_float32(model.get_config()))
    copied.set_weights(model.get_weights())
    return copied


def _first(model: keras.Model, kind: type) -> Any:
    return next((layer for layer in model.layers if isinstance(layer, kind)), None)
