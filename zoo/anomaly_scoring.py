"""Anomaly scores: how far a sample is from its reconstruction. With NumPy alone, for devices."""

import numpy as np


def score(reconstructions: np.ndarray, samples: np.ndarray, window: int = 1) -> np.ndarray:
    """Return each sample's mean squared error, `(samples,)`, in squared units of the data.

    Args:
        reconstructions: `(samples, *sample_shape)`.
        samples: Same shape.
        window: Side of a square window of pixels, for images. Errors are averaged over every
            window before they are squared. So an error that neighbouring pixels share counts, and
            fine texture, which no reconstruction gets right, does not.
    """
    # An error that its type cannot hold becomes infinite.
    with np.errstate(over="ignore"):
        errors = reconstructions - samples
        if window > 1:
            windows = np.lib.stride_tricks.sliding_window_view(
                errors, (window, window), axis=(1, 2)
            )
            errors = windows.mean(axis=(-2, -1))
        return np.square(errors).mean(axis=tuple(range(1, errors.ndim)))
