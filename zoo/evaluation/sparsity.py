"""How sparse codes are."""

import numpy as np


def hoyer_sparsity(codes: np.ndarray) -> float:
    """Return the mean sparsity of codes.

    Args:
        codes: `(samples, latent_dim)`.

    Returns:
        0 if all values of a code have the same magnitude, 1 if only one of them is not zero.

    Reference:
        Hoyer, Non-negative Matrix Factorization with Sparseness Constraints, JMLR 5 (2004).
    """
    root = np.sqrt(codes.shape[1])
    if root == 1:
        return 1.0
    l1, l2 = np.abs(codes).sum(axis=1), np.sqrt(np.square(codes).sum(axis=1))
    # A code of zeros has no direction; it counts as not sparse.
    ratio = np.divide(l1, l2, out=np.full_like(l1, root), where=l2 > 0)
    return float(np.mean((root - ratio) / (root - 1)))


def nonzeros(codes: np.ndarray) -> float:
    """Return the mean number of values in a code that are not zero.

    Args:
        codes: `(samples, latent_dim)`.
    """
    return float(np.count_nonzero(codes, axis=1).mean())
