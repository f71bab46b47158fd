"""Anomaly scores: how far a sample is from its reconstruction. With NumPy alone, for devices."""

import numpy as np


def score(reconstructions: np.ndarray, samples: np.ndarray, window: int = 1) -> np.ndarray:
    """Return each sample's mean squared error, `(samples,)`, in squared units of the data.

    Args:
        reconstructions: `(samples, *sample_shape)`.
        samples: Same shape.
        window: Of images, average the errors over every window of so many pixels' height and width
            ahead of squaring. What neighbours get wrong alike then counts, fine texture does not,
            on which every reconstruction errs.
    """
    errors = reconstructions - samples
    if window > 1:
        windows = np.lib.stride_tricks.sliding_window_view(errors, (window, window), axis=(1, 2))
        errors = windows.mean(axis=(-2, -1))
    return np.square(errors).mean(axis=tuple(range(1, errors.ndim)))
