"""Training on inputs that are their own targets, and by weights of samples, with Keras's `fit`."""

from collections.abc import Iterator
from typing import Any

import keras

from zoo import array_checks, misuse
from zoo.layers.sample_weights import weighing, weighing_regularizers


class SelfSupervised(keras.Model):
    """A model that reconstructs its inputs, to be trained by `fit(x)` as by `fit(x, x)`.

    Each sample's weight counts in the whole loss: in the reconstruction loss, whatever the shape of
    a sample, and in what layers add to it.
    """

    def fit(self, x=None, y=None, *arguments, **options):
        """As `keras.Model.fit`; without `y`, the samples are the targets."""
        array_checks.refuse_unequal("fit", x)
        misuse.warn(self, x)
        validation = options.get("validation_data")
        if isinstance(validation, tuple) and len(validation) == 3:
            samples, targets, sample_weight = validation
            options["validation_data"] = samples, _targets(samples, targets), sample_weight
        return super().fit(x, _targets(x, y), *arguments, **options)

    def evaluate(self, x=None, y=None, *arguments, **options):
        """As `keras.Model.evaluate`; without `y`, the samples are the targets."""
        return super().evaluate(x, _targets(x, y), *arguments, **options)

    def train_on_batch(self, x, y=None, *arguments, **options):
        """As `keras.Model.train_on_batch`; without `y`, the samples are the targets."""
        return super().train_on_batch(x, _targets(x, y), *arguments, **options)

    def test_on_batch(self, x, y=None, *arguments, **options):
        """As `keras.Model.test_on_batch`; without `y`, the samples are the targets."""
        return super().test_on_batch(x, _targets(x, y), *arguments, **options)

    def call(self, inputs, training=None, mask=None):
        with weighing_regularizers(list(_layers(self))):
            return super().call(inputs, training=training, mask=mask)

    @property
    def losses(self):
        # In mixed precision a layer may add a loss of another type, and Keras could not add it up.
        return [keras.ops.cast(loss, keras.config.floatx()) for loss in super().losses]

    # On each of Keras's backends, the last argument of a step is the batch.
    def train_step(self, *arguments):
        with weighing(_sample_weight(arguments[-1])):
            return super().train_step(*arguments)

    def test_step(self, *arguments):
        with weighing(_sample_weight(arguments[-1])):
            return super().test_step(*arguments)

    # Data of other kinds than arrays may hold batches without targets.
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        y = x if y is None else y
        return super().compute_loss(x, y, y_pred, _beside(y_pred, sample_weight), training)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(x, x if y is None else y, y_pred, sample_weight)


def _targets(x: Any, y: Any) -> Any:
    """Return an array's targets; None for data of another kind, which hold their own targets.

    Keras would drop the weights of an array without targets.
    """
    return x if y is None and hasattr(x, "shape") else y


def _sample_weight(batch: Any) -> Any:
    return keras.utils.unpack_x_y_sample_weight(batch)[2]


def _beside(y_pred: Any, sample_weight: Any) -> Any:
    """Return weights with an axis for each axis of the losses, which lack the last one of `y_pred`.

    Keras lines up the last axes. So without this, it gives the weights of samples to columns.
    """
    if sample_weight is None:
        return None
    missing = len(y_pred.shape) - 1 - len(sample_weight.shape)
    for _ in range(missing):
        sample_weight = keras.ops.expand_dims(sample_weight, -1)
    return sample_weight


def _layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
