"""Converting a model to TFLite in a process of its own, since the converter may crash."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import zoo
from zoo.exporting import fresh_process, tracing
from zoo.exporting.converting import reason
from zoo.exporting.signatures import names_of
from zoo.exporting.tflite_variants import VARIANTS, file_name


def convert(
    folder: Path,
    model: zoo.Autoencoder,
    variants: Sequence[str],
    samples: np.ndarray,
    *,
    only: str | None = None,
    int8_io: bool = False,
    per_channel: bool = False,
) -> list[str]:
    """Trace a model here and convert it in a process of its own, see `converting.convert`.

    Returns:
        A sentence for each variant that does not convert. Behind one that must be exact, no other
        is tried.
    """
    options = [
        *(["--int8-io"] if int8_io else []),
        *(["--per-channel"] if per_channel else []),
        f"--score-window={model.score_window}",
    ]
    signatures = [only] if only else names_of(model)
    missed = []
    # Not in the system's folder for temporary files, which may be small or in memory.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".converting-") as scratch:
        for name, fused in {VARIANTS[v].graph: VARIANTS[v].fused for v in variants}.items():
            try:
                tracing.write(model, Path(scratch, name), fused=fused)
            # TensorFlow and the layers raise errors of many types.
            except Exception as error:
                return [f"{file_name(variants[0], only)} could not be traced ({reason(error)})"]
        samples_file = Path(scratch, "samples.npy")
        np.save(samples_file, samples, allow_pickle=False)
        remaining = list(variants)
        while remaining:
            status, message = fresh_process.run(
                "zoo.exporting.converting",
                [Path(scratch), samples_file, folder, ",".join(signatures), *remaining, *options],
                label="Converting",
                steps=len(remaining),
            )
            if status == 0:
                break
            names = [file_name(variant, only) for variant in remaining]
            failed = next((i for i, n in enumerate(names) if not (folder / n).exists()), -1)
            cause = f"signal {-status}" if status < 0 else message
            missed.append(f"{names[failed]} could not be converted ({cause})")
            if VARIANTS[remaining[failed]].exact:
                break
            remaining = remaining[failed + 1 :] if failed >= 0 else []
    return missed
