"""How close reconstructions are to the samples."""

import numpy as np

# The PSNR of a perfect reconstruction is infinite; it counts as this many decibels.
MOST_DECIBELS = 100.0
# Width of the window of structural similarity, in pixels, where the image is as large.
SSIM_WINDOW = 11


def mse(reconstructions: np.ndarray, samples: np.ndarray) -> float:
    """Return the mean squared error over all samples and values, in squared units of the data."""
    return float(np.mean(np.square(reconstructions - samples, dtype="float64")))


def cross_entropy(reconstructions: np.ndarray, samples: np.ndarray) -> float:
    """Return the mean binary cross-entropy per value, in nats, of values on [0, 1]."""
    # Loaded here: the table of figures is read without it.
    import keras

    return float(keras.losses.BinaryCrossentropy()(samples, np.clip(reconstructions, 0, 1)))


def psnr(reconstructions: np.ndarray, samples: np.ndarray) -> float:
    """Return the mean peak signal-to-noise ratio of images with values on [0, 1], in decibels."""
    import tensorflow as tf

    decibels = tf.image.psnr(samples, reconstructions, 1.0)
    return float(tf.reduce_mean(tf.minimum(decibels, MOST_DECIBELS)))


def ssim(reconstructions: np.ndarray, samples: np.ndarray) -> float:
    """Return the mean structural similarity of images with values on [0, 1]; 1 is perfect.

    Reference:
        Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, IEEE
        Transactions on Image Processing 13 (2004).
    """
    import tensorflow as tf

    window = min(SSIM_WINDOW, *samples.shape[1:3])
    return float(tf.reduce_mean(tf.image.ssim(samples, reconstructions, 1.0, filter_size=window)))
