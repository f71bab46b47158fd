"""The pictures of a trained model: which there are, and what they show."""

from collections.abc import Mapping
from pathlib import Path

from zoo import anomaly_scoring, data, prior_sampling
from zoo.autoencoder import Autoencoder
from zoo.evaluation import predict
from zoo.results import plots

# Samples drawn from the prior, and the seed of the draw.
SAMPLES = 40
SEED = 0


def draw(
    folder: Path,
    model: Autoencoder,
    dataset: data.Dataset,
    history: Mapping[str, list[float]],
    threshold: Mapping[str, float] | None,
) -> None:
    """Draw training, reconstructions, and what else the model and its data have to show.

    Args:
        folder: Where the pictures are written.
        model: The trained model.
        dataset: Its data; the test split is shown.
        history: Losses and MSEs, one value for each epoch.
        threshold: The `score` above which a sample counts as an anomaly; None for no detector.
    """
    plots.draw_loss(folder / "loss.png", history)
    test, anomalous = dataset.test, dataset.anomalous
    shown = (test if anomalous is None else test[~anomalous])[: plots.SHOWN]
    inputs = model.corrupt(shown)
    plots.draw_reconstructions(
        folder / "reconstructions.png", shown, inputs, predict(model, inputs)
    )
    if model.has_prior:
        plots.draw_samples(folder / "samples.png", prior_sampling.sample(model, SAMPLES, SEED))
        codes = plots.traversals(predict(model.encoder, test))
        plots.draw_samples(folder / "traversals.png", predict(model.decoder, codes))
    if anomalous is not None and threshold is not None:
        reconstructions = predict(model, test)
        plots.draw_detection(
            folder / "anomalies.png",
            test,
            reconstructions,
            anomaly_scoring.score(reconstructions, test, model.score_window),
            anomalous,
            threshold["score"],
        )
