"""The sound front end of MLPerf Tiny's anomaly detection, with NumPy alone, for devices.

windows = zoo.log_mel.windows(zoo.log_mel.read_wav("clip.wav"))
score = zoo.edge.load("model.tflite").score(windows).mean()
"""

import functools
import os
import wave
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from zoo.errors import InputError

# Samples per second of every clip.
SAMPLE_RATE = 16_000
# Samples of a frame, and from one frame to the next.
FRAME_LENGTH, HOP = 1024, 512
BANDS = 128
# Only these frames of a clip are used. Frame t is centred on sample HOP * t, so that none of them
# reaches over the ends of a clip, and nothing needs padding.
FRAMES = range(50, 250)
# Number of frames in a window.
WINDOW = 5


def read_wav(path: str | os.PathLike) -> np.ndarray:
    """Read a clip from a WAV file of 16-bit PCM, one channel, 16 kHz.

    Args:
        path: A `.wav` file.

    Returns:
        The samples on [-1, 1), float32, `(samples,)`.

    Raises:
        InputError: There is no such file, it is damaged, or it has another format, sample width,
            sample rate or number of channels.
    """
    if not Path(path).is_file():
        raise InputError(f"There is no file {path}: check the path.")
    try:
        with wave.open(os.fspath(path), "rb") as file:
            found = file.getparams()
            content = file.readframes(found.nframes)
    # The last two of these come without a message.
    except (wave.Error, OSError, EOFError, RuntimeError) as error:
        reason = str(error) or "its chunks end early"
        raise InputError(f"{path} is damaged or no PCM WAV file ({reason}): replace it.") from None
    if (found.nchannels, found.sampwidth, found.framerate) != (1, 2, SAMPLE_RATE):
        raise InputError(
            f"{path} has {found.nchannels} channels of {8 * found.sampwidth} bits at "
            f"{found.framerate} Hz: convert it to one channel of 16 bits at {SAMPLE_RATE} Hz."
        )
    if len(content) != 2 * found.nframes:
        raise InputError(
            f"{path} is damaged, it holds {len(content) // 2} of its {found.nframes} samples: "
            "replace it."
        )
    return np.frombuffer(content, "<i2").astype("float32") / 32768


def windows(clip: np.ndarray) -> np.ndarray:
    """Return the overlapping windows of a clip, each of 5 successive frames of log-mel energies.

    Args:
        clip: Samples on [-1, 1] at 16 kHz, `(samples,)`, at least 8 seconds.

    Returns:
        Decibels, float32, `(196, 640)`: of each window the 128 bands of the first frame, then those
        of the second, and so on. A longer clip gives no more windows.

    Raises:
        InputError: The clip is too short, has several channels, or holds whole numbers.

    Reference:
        Koizumi et al., Description and Discussion on DCASE2020 Challenge Task 2, 2020,
        arXiv:2006.05822, for the windows; Banbury et al., MLPerf Tiny Benchmark, 2021,
        arXiv:2106.07597, for 128 bands and the choice of frames.
    """
    frames = sliding_window_view(spectrogram(clip), WINDOW, axis=0)
    return frames.swapaxes(1, 2).reshape(len(frames), WINDOW * BANDS)


def spectrogram(clip: np.ndarray) -> np.ndarray:
    """Return the log-mel energies of a clip's frames 50 to 249, from second 1.6 to second 8.

    A frame is 64 ms under a periodic Hann window, a new one every 32 ms; its power spectrum is
    summed by `mel_filters`, and the sums S become 10 log10(S + 2.2e-16).

    Args:
        clip: Samples on [-1, 1] at 16 kHz, `(samples,)`, at least 8 seconds.

    Returns:
        Decibels, float32, `(200, 128)`.

    Raises:
        InputError: The clip is too short, has several channels, or holds whole numbers.
    """
    clip = np.asarray(clip)
    start = HOP * FRAMES[0] - FRAME_LENGTH // 2
    stop = HOP * FRAMES[-1] + FRAME_LENGTH // 2
    if clip.ndim != 1:
        raise InputError(
            f"The clip has the shape {clip.shape}, but (samples,) is needed: choose one channel."
        )
    if not np.issubdtype(clip.dtype, np.floating):
        raise InputError(
            f"The clip holds {clip.dtype}, but floats on [-1, 1] are needed: divide by full scale."
        )
    if not (np.abs(clip) <= 1).all():
        raise InputError(
            "The clip holds NaN or values beyond [-1, 1]: repair it, or divide by full scale."
        )
    if len(clip) < stop:
        raise InputError(
            f"The clip has {len(clip)} samples, but at least {stop} are needed, "
            f"{stop / SAMPLE_RATE:g} seconds: use a longer one."
        )
    frames = sliding_window_view(clip[start:stop].astype("float64"), FRAME_LENGTH)[::HOP]
    # A periodic window is a symmetric one of one more value, without its last value.
    spectra = np.fft.rfft(frames * np.hanning(FRAME_LENGTH + 1)[:-1])
    energies = np.square(np.abs(spectra)) @ mel_filters().T
    return (10 * np.log10(energies + np.finfo("float64").eps)).astype("float32")


@functools.cache
def mel_filters() -> np.ndarray:
    """Return the triangular filters that sum a power spectrum up to 128 mel bands.

    Their centres are equally far apart on Slaney's mel scale, linear up to 1 kHz and logarithmic
    above; each begins and ends at its neighbours' centres and has an area of 1 (over Hz).

    Returns:
        Weights in 1 / Hz, `(128, 513)`, for the frequencies from 0 to 8 kHz; read-only.

    Reference:
        Slaney, Auditory Toolbox, Interval Research Corporation, Technical Report 1998-010.
    """
    # Up to 1 kHz, which is mel 15, a mel is 200/3 Hz; above it 27 mels are a factor of 6.4.
    highest = 15 + 27 * np.log(SAMPLE_RATE / 2 / 1000) / np.log(6.4)
    mels = np.linspace(0, highest, BANDS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * 6.4 ** ((mels - 15) / 27))
    frequencies = np.fft.rfftfreq(FRAME_LENGTH, 1 / SAMPLE_RATE)
    triangles = zip(edges, edges[1:], edges[2:], strict=False)
    filters = np.stack(
        [
            np.interp(frequencies, (low, centre, high), (0, 2 / (high - low), 0))
            for low, centre, high in triangles
        ]
    )
    filters.setflags(write=False)
    return filters
