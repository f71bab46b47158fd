"""`zoo.evaluate`: the figures of a model beside those of baselines."""

import logging

import numpy as np

from zoo import data, evaluation, keras_settings
from zoo.autoencoder import Autoencoder
from zoo.evaluation import recipe_figures

logger = logging.getLogger(__name__)


@keras_settings.defaults()
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
        # Baselines are fitted on both of the first two parts; neither may be empty.
        dataset = data.from_arrays(own[: max(len(own) - 1, 1)], own[-1:], samples)
    data.check_shape(dataset, model.sample_shape)
    beside = evaluation.baselines(model, dataset) if fitted else {}
    figures = {**evaluation.evaluate(model, dataset, beside), **beside}
    for label in recipe_figures.worse_than(figures):
        logger.warning("The model is no better than %s: train it longer, or scale the data.", label)
    return figures
