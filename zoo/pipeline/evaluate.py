"""`zoo.evaluate`: the figures of a model beside those of baselines."""

import numpy as np

from zoo import data, evaluation
from zoo.autoencoder import Autoencoder


def evaluate(
    model: Autoencoder, samples: np.ndarray | data.Dataset, train: np.ndarray | None = None
) -> dict[str, float]:
    """Return the figures of a model, see `zoo.evaluation.FIGURES`, beside those of baselines.

    Args:
        model: Any autoencoder. One that corrupts its input is judged on corrupted samples.
        samples: Samples that the model was not trained on, `(samples, *sample_shape)`, or a data
            set, of which the test split is taken.
        train: Samples to fit the baselines on, such as those that the model was trained on; a data
            set brings its own. Without any there are no baselines.

    Returns:
        Each figure by its name, such as `test_mse`; with baselines also theirs, such as
        `test_mse_pca` for PCA with a code of the same size.

    Raises:
        InputError: The samples do not have the model's shape, or hold NaN or infinity.
    """
    if isinstance(samples, data.Dataset):
        dataset, fitted = samples, True
    else:
        fitted = train is not None
        own = samples if train is None else train
        dataset = data.from_arrays(own, samples[:1], samples)
    data.check_shape(dataset, model.sample_shape)
    beside = evaluation.baselines(model, dataset) if fitted else {}
    return {**evaluation.evaluate(model, dataset, beside), **beside}
