"""Callbacks of training: stopping at a target or at NaN, and lines of progress."""

import logging
import math
import time

import keras

logger = logging.getLogger(__name__)

# Least time between two lines of progress.
SECONDS_BETWEEN_LINES = 30.0


class StopAtTarget(keras.callbacks.Callback):
    """Stops training as soon as the validation MSE is at most `target`, and keeps those weights.

    Args:
        target: The MSE to reach.
        early_stopping: Callback that would otherwise restore the weights of an earlier epoch.
    """

    def __init__(self, target: float, early_stopping: keras.callbacks.EarlyStopping | None):
        super().__init__()
        self.target = target
        self.early_stopping = early_stopping
        self.reached = False

    def on_epoch_end(self, epoch, logs=None):
        self.reached = (logs or {})["val_mse"] <= self.target
        if self.reached:
            self.model.stop_training = True
            if self.early_stopping:
                self.early_stopping.restore_best_weights = False


class StopAtNaN(keras.callbacks.Callback):
    """Stops training where the loss is NaN or infinite.

    Keras's `TerminateOnNaN` does so too, but prints to standard output, which belongs to results.
    """

    def on_train_batch_end(self, batch, logs=None):
        if not math.isfinite((logs or {}).get("loss", 0)):
            self.model.stop_training = True


class ProgressLines(keras.callbacks.Callback):
    """Logs the epoch and the validation loss now and then, where a progress bar cannot be drawn.

    Args:
        label: What is being trained, at the start of each line.
    """

    def __init__(self, label: str):
        super().__init__()
        self.label = label
        self.last_line = 0.0

    def on_train_begin(self, logs=None):
        self.last_line = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        now = time.monotonic()
        if now - self.last_line < SECONDS_BETWEEN_LINES:
            return
        self.last_line = now
        logger.info(
            "%s: epoch %d of %d, validation loss %.5f",
            self.label, epoch + 1, self.params["epochs"], (logs or {})["val_loss"],
        )  # fmt: skip
