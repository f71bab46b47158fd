"""`zoo.verify`: checking a folder again that `zoo.train` or `zoo.export` wrote."""

import logging
import math
import os
import tempfile
from pathlib import Path
from typing import Any

from zoo import evaluation, keras_settings, model_loading
from zoo.artefact_names import KERAS_FILE
from zoo.errors import GateError
from zoo.exporting import tflite, verifying
from zoo.exporting.comparison_with_keras import judgement_of
from zoo.pipeline.trained_folder import check_file, figure_of, load_data
from zoo.pipeline.work_folder import undisturbed
from zoo.results.result import check_card, read_unchanged

logger = logging.getLogger(__name__)

# By how much a figure may differ on another machine: fits of a linear probe end a little elsewhere.
SHARE = 1e-3


@undisturbed
@keras_settings.defaults()
def verify(
    folder: str | os.PathLike,
    *,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> dict[str, dict[str, Any]]:
    """Check a folder of files again, without training.

    Each file must have the recorded sha256, run in a fresh process, agree with the Keras model, and
    reach the recorded test MSE, and the figure that the recipe is known by where its own
    reconstructions give it. The Keras model must reach every recorded figure. The result and the
    card must be as they were written, which their digests show; results of earlier versions have
    none.

    A SavedModel can run any code: verify only folders from people that you trust.

    Args:
        folder: Folder that `zoo.train` or `zoo.export` wrote.
        data_dir: Where the data are, see `zoo.data.load`.
        download: Fetch missing data, see `zoo.data.load`.

    Returns:
        For each file what was measured: its bytes, sha256, test MSE and largest differences from
        Keras.

    Raises:
        InputError: No such folder, a damaged file, or the data are missing.
        GateError: A file is not what was recorded.
    """
    folder = Path(folder)
    result = read_unchanged(folder)
    check_card(folder, result)
    recorded = result["artefacts"]
    for name in recorded:
        check_file(folder, name, recorded[name]["sha256"])
    model = model_loading.load(folder / KERAS_FILE)
    with tempfile.TemporaryDirectory() as scratch:
        dataset = load_data(folder, result, data_dir=data_dir, download=download, scratch=scratch)
        logger.info("Verifying %s: %d files", folder, len(recorded))
        judgement = {name: judgement_of(entry) for name, entry in recorded.items()}
        task = tflite.make_task(model, dataset, figure_of(result), judgement)
        artefacts, missed = verifying.verify(folder, list(recorded), task)
        figures = {}
        if "figures" in result:
            logger.info("Measuring the figures of %s", folder)
            figures = evaluation.evaluate(model, dataset, result["figures"])
    missed += [
        f"{name} is {value:.6g}, but {result['figures'][name]:.6g} was recorded"
        for name, value in figures.items()
        # Earlier versions recorded fewer figures.
        if name in result["figures"]
        and not math.isclose(value, result["figures"][name], rel_tol=SHARE, abs_tol=5e-6)
    ]
    missed += [
        f"{name}: {figure} is {entry[figure]:.5f}, but {recorded[name][figure]:.5f} was recorded"
        for name, entry in artefacts.items()
        for figure in ("test_mse", *task.measures)
        # The last digits of an fp32 sum differ between machines.
        if figure in entry
        and not math.isclose(entry[figure], recorded[name][figure], rel_tol=1e-4, abs_tol=5e-6)
    ]
    if missed:
        raise GateError(result["recipe"]["name"], missed)
    return artefacts
