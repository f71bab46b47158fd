"""Scikit-learn's handwritten digits: 1,797 images of 8x8 pixels that need no download."""

from zoo.data.dataset import Dataset, Labels
from zoo.data.splitting import TEST_SHARE, VALIDATION_SHARE, cut, first

NAME = "digits"


def read(max_samples: int | None) -> Dataset:
    """Return the digits on [0, 1], `(samples, 8, 8, 1)`, with their labels.

    Args:
        max_samples: Keep at most so many of the first samples of each split; None keeps all.
    """
    import sklearn
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.images.astype("float32")[..., None] / 16
    splits = []
    for whole in (images, digits.target):
        train, test = cut(whole, TEST_SHARE)
        splits.append(first([*cut(train, VALIDATION_SHARE), test], max_samples))
    samples, labels = splits
    return Dataset(
        NAME,
        f"scikit-learn {sklearn.__version__}",
        (0.0, 1.0),
        "grey levels divided by 16",
        *samples,
        labels=Labels(*labels),
    )
