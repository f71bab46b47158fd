"""What a model, or a baseline beside it, makes of a data set: computed once for all figures."""

import functools
import random
from collections.abc import Mapping
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from zoo.anomaly_scoring import score
from zoo.autoencoder import Autoencoder
from zoo.data import Dataset, memmap_reading
from zoo.evaluation import detection, likelihood, probing
from zoo.evaluation.evaluated_method import Method

# Seed of random weights.
SEED = 0


def predict(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Return the model's outputs as float32, computed on the CPU.

    Figures and parity must not depend on the training device: GPUs round the factors of matrix
    products to TF32.
    """
    with tf.device("CPU:0"):
        outputs = model.predict(inputs, verbose=0)
    # Whole numbers are codes.
    return outputs if outputs.dtype.kind in "iub" else outputs.astype("float32", copy=False)


class Inputs:
    """The samples that a model and its baselines are given.

    Args:
        model: The model; its weights do not matter.
        dataset: The data.

    Attributes:
        corrupt: Returns the inputs for samples: for a model that corrupts its input, corrupted.
    """

    def __init__(self, model: Autoencoder, dataset: Dataset):
        self.dataset = dataset
        self.latent_dim = model.latent_dim
        self.score_window = model.score_window
        self.corrupted = model.corruption is not None
        self.corrupt = model.corrupt
        self._model = model

    @functools.cached_property
    def test(self) -> np.ndarray:
        """The test split; for a model that corrupts its input, corrupted."""
        return self.corrupt(self.dataset.test)

    @functools.cached_property
    def validation(self) -> np.ndarray:
        """The validation split; for a model that corrupts its input, corrupted."""
        return self.corrupt(self.dataset.validation)

    @functools.cached_property
    def train(self) -> np.ndarray:
        """The training split; of one in a file, the first `memmap_reading.CHUNK_BYTES`."""
        return next(memmap_reading.chunks(self.dataset.train))

    @functools.cached_property
    def fitted(self) -> np.ndarray:
        """Samples for a baseline with no setting to choose: training and validation split.

        Of a split in a file the first `memmap_reading.CHUNK_BYTES`.
        """
        return np.concatenate([self.train, next(memmap_reading.chunks(self.dataset.validation))])

    @functools.cached_property
    def untrained(self) -> Autoencoder:
        """The model with random weights, the same ones each time."""
        # Keras seeds its initialisers with Python's generator, whose state is the caller's.
        state = random.getstate()
        random.seed(SEED)
        try:
            return type(self._model).from_config(self._model.get_config())
        finally:
            random.setstate(state)


def method_of(model: Autoencoder) -> Method:
    """Return a trained model as a method."""
    return Method(
        reconstruct=lambda samples: predict(model, samples),
        encode=lambda samples: predict(model.encoder, samples),
        posterior=lambda samples: likelihood.posterior(model, samples),
        likelihood=lambda outputs: likelihood.importance_weighted(
            model, outputs.samples, likelihood.IMPORTANCE_DRAWS, q=outputs.posterior
        ),
    )


class Outputs:
    """What a method makes of a data set; each part is computed when it is first asked for."""

    def __init__(self, method: Method, inputs: Inputs):
        self.samples = inputs.dataset.test
        self._method, self._inputs, self._dataset = method, inputs, inputs.dataset

    @functools.cached_property
    def reconstructions(self) -> np.ndarray:
        """Reconstructions of the test inputs, in the shape of the test split."""
        return self._method.reconstruct(self._inputs.test)

    @functools.cached_property
    def codes(self) -> np.ndarray:
        """Codes of the test inputs, `(samples, latent_dim)`."""
        return _flat(self._method.encode(self._inputs.test))

    @functools.cached_property
    def probe_accuracy(self) -> float:
        """Test accuracy of a linear probe on the codes of all three splits, uncorrupted."""
        labels, encode = self._dataset.labels, self._method.encode
        assert labels is not None
        train = self._inputs.train
        test = _flat(encode(self.samples)) if self._inputs.corrupted else self.codes
        features = [_flat(encode(train)), _flat(encode(self._dataset.validation)), test]
        return probing.accuracy(features, replace(labels, train=labels.train[: len(train)]))

    @functools.cached_property
    def scores(self) -> np.ndarray:
        """Anomaly scores of the test split, uncorrupted: `(samples,)`."""
        if self._method.score is None and not self._inputs.corrupted:
            return score(self.reconstructions, self.samples, self._inputs.score_window)
        return self._score(self.samples)

    @functools.cached_property
    def ranking(self) -> dict[str, float]:
        """The figures of `detection.ranking`."""
        assert self._dataset.anomalous is not None
        return detection.ranking(self.scores, self._dataset.anomalous)

    @functools.cached_property
    def detection(self) -> dict[str, float]:
        """The figures of `detection.detection`; the threshold is not chosen on the test split."""
        dataset = self._dataset
        assert dataset.anomalies is not None
        assert dataset.anomalous is not None
        normal, anomalies = self._score(dataset.validation), self._score(dataset.anomalies)
        threshold = detection.choose_threshold(normal, anomalies)
        return detection.detection(self.scores, dataset.anomalous, threshold)

    @functools.cached_property
    def posterior(self) -> likelihood.Posterior:
        """The distributions q(z|x) of the test split's codes."""
        return self._method.posterior(self.samples)

    @functools.cached_property
    def bounds(self) -> Mapping[str, float]:
        """Bounds on the negative log-likelihood of the test split by their names, in nats."""
        return self._method.likelihood(self)

    def _score(self, samples: np.ndarray) -> np.ndarray:
        if self._method.score is not None:
            return self._method.score(samples)
        return score(self._method.reconstruct(samples), samples, self._inputs.score_window)


def _flat(codes: np.ndarray) -> np.ndarray:
    """Return codes as vectors, `(samples, latent_dim)`; whole numbers become floats."""
    flat = codes.reshape(len(codes), -1)
    return flat if flat.dtype.kind == "f" else flat.astype("float32")
