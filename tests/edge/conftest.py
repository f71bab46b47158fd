"""Exported files that the tests of the runner share."""

import numpy as np
import pytest
from edge.device_files import CASES, data_of, write


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Paths of files by case, each with samples and what Keras makes of them beside it."""
    paths = {}
    for case, options in CASES.items():
        path = tmp_path_factory.mktemp("exported") / "model.tflite"
        model = write(path, *case.split(), **options)
        x = data_of().test[:4]
        y, codes = model.predict(x, verbose=0), model.encoder.predict(x, verbose=0)
        np.savez(path.with_suffix(".npz"), x=x, y=y, codes=codes)
        paths[case] = path
    return paths
