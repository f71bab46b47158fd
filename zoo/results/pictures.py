"""The pictures of a trained model: which there are, and what they show."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from zoo import anomaly_scoring, data, prior_sampling
from zoo.autoencoder import Autoencoder
from zoo.evaluation import predict
from zoo.results import plots

logger = logging.getLogger(__name__)

# Samples drawn from the prior, and the seed of the draw.
SAMPLES = 40
SEED = 0


def draw(
    folder: Path,
    model: Autoencoder,
    dataset: data.Dataset,
    history: Mapping[str, list[float]],
    threshold: Mapping[str, float] | None,
) -> dict[str, str]:
    """Draw training, reconstructions, and what else the model and its data have to show.

    A picture is no reason to lose a trained model: one that cannot be drawn is left out.

    Args:
        folder: Where the pictures are written.
        model: The trained model.
        dataset: Its data; the test split is shown.
        history: Losses and MSEs, one value for each epoch.
        threshold: The `score` above which a sample counts as an anomaly; None for no detector.

    Returns:
        For each picture that was left out the reason.
    """
    test, anomalous = dataset.test, dataset.anomalous

    def reconstructions(path: Path) -> None:
        shown = (test if anomalous is None else test[~anomalous])[: plots.SHOWN]
        inputs = model.corrupt(shown)
        plots.draw_reconstructions(path, shown, inputs, predict(model, inputs))

    def samples(path: Path) -> None:
        plots.draw_samples(path, prior_sampling.sample(model, SAMPLES, SEED))

    def traversals(path: Path) -> None:
        codes = plots.traversals(predict(model.encoder, test))
        plots.draw_samples(path, predict(model.decoder, codes))

    def anomalies(path: Path) -> None:
        assert anomalous is not None
        assert threshold is not None
        outputs = predict(model, test)
        scores = anomaly_scoring.score(outputs, test, model.score_window)
        plots.draw_detection(path, test, outputs, scores, anomalous, threshold["score"])

    pictures: dict[str, Callable[[Path], None]] = {
        "loss.png": lambda path: plots.draw_loss(path, history),
        "reconstructions.png": reconstructions,
    }
    if model.has_prior:
        pictures |= {"samples.png": samples, "traversals.png": traversals}
    if anomalous is not None and threshold is not None:
        pictures["anomalies.png"] = anomalies
    left_out = {}
    for name, draw_one in pictures.items():
        try:
            draw_one(folder / name)
        # The data have any shape, and Matplotlib raises errors of many types.
        except Exception as error:
            (folder / name).unlink(missing_ok=True)
            left_out[name] = str(error).partition("\n")[0] or type(error).__name__
            logger.warning("%s is left out, it cannot be drawn: %s", name, left_out[name])
    return left_out
