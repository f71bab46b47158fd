"""The log-mel front end: by hand-computed values, and against MLPerf Tiny's own files."""

import csv

import numpy as np
import pytest
from conftest import run_python, write_wav

import zoo
from zoo.edge import log_mel

SECONDS = 11
SAMPLES = SECONDS * log_mel.SAMPLE_RATE
# 10 log10 of the smallest step above 1, which keeps silence finite.
SILENCE = -156.5356


def test_a_click_is_seen_by_the_frame_centred_on_it_alone():
    clip = np.zeros(SAMPLES, "float32")
    clip[512 * 60] = 1
    energies = log_mel.spectrogram(clip)
    assert energies.shape == (200, 128)
    assert energies.dtype == np.float32
    np.testing.assert_allclose(np.delete(energies, 10, axis=0), SILENCE, atol=1e-3)
    # Its power spectrum is 1 throughout: a filter of area 1, summed every 16000 / 1024 Hz, gives
    # 1024 / 16000 where it is wide enough to be summed well.
    np.testing.assert_allclose(energies[10, 90:], 10 * np.log10(1024 / 16000), atol=0.1)


@pytest.mark.parametrize(("frequency", "band"), [(500, 20), (1000, 42), (4000, 99)])
def test_a_tone_is_loudest_in_the_band_that_slaney_s_scale_gives_it(frequency, band):
    # Of 129 equal steps up to 8 kHz, mel 45.25: 500 Hz is mel 7.5, 1 kHz mel 15, 4 kHz mel 35.16.
    tone = np.sin(2 * np.pi * frequency * np.arange(SAMPLES) / log_mel.SAMPLE_RATE)
    assert set(log_mel.spectrogram(tone).argmax(axis=1)) == {band}
    # Twice as loud is four times the power.
    louder = log_mel.spectrogram(tone)[:, band] - log_mel.spectrogram(tone / 2)[:, band]
    np.testing.assert_allclose(louder, 10 * np.log10(4), atol=1e-4)


def test_a_window_is_five_successive_frames_in_order(rng):
    clip = rng.normal(0, 0.1, SAMPLES)
    energies, windows = log_mel.spectrogram(clip), log_mel.windows(clip)
    assert windows.shape == (196, 640)
    assert windows.dtype == np.float32
    for start in (0, 77, 195):
        np.testing.assert_array_equal(windows[start], energies[start : start + 5].ravel())


def test_a_clip_of_eight_seconds_is_enough(rng):
    clip = rng.normal(0, 0.1, SAMPLES)
    enough = 8 * log_mel.SAMPLE_RATE
    np.testing.assert_array_equal(log_mel.windows(clip), log_mel.windows(clip[:enough]))
    message = "has 127999 samples, but at least 128000 are needed, 8 seconds"
    with pytest.raises(zoo.InputError, match=message):
        log_mel.windows(clip[: enough - 1])


def test_a_clip_that_is_none_is_refused():
    with pytest.raises(
        zoo.InputError, match=r"the shape \(176000, 2\), but \(samples,\) is needed"
    ):
        log_mel.windows(np.zeros((SAMPLES, 2)))
    with pytest.raises(zoo.InputError, match=r"holds int16, but floats on \[-1, 1\] are needed"):
        log_mel.windows(np.zeros(SAMPLES, "int16"))
    for value in (np.nan, 1.1, 30000.0):
        with pytest.raises(zoo.InputError, match=r"NaN or values beyond \[-1, 1\]"):
            log_mel.windows(np.full(SAMPLES, value))


def test_a_wav_file_gives_back_its_samples(tmp_path):
    values = np.array([0, 1, -1, 32767, -32768], "int16")
    write_wav(tmp_path / "clip.wav", values)
    read = log_mel.read_wav(tmp_path / "clip.wav")
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, values / np.float32(32768))


def test_a_wav_file_of_another_format_is_refused_and_the_right_one_named(tmp_path):
    values = np.zeros(8, "int16")
    wrong = {
        "2 channels of 16 bits at 16000 Hz": {"channels": 2},
        "1 channels of 8 bits at 16000 Hz": {"width": 1},
        "1 channels of 16 bits at 44100 Hz": {"rate": 44100},
    }
    for message, options in wrong.items():
        write_wav(tmp_path / "clip.wav", values, **options)
        with pytest.raises(zoo.InputError, match=f"{message}: convert it to one channel of 16"):
            log_mel.read_wav(tmp_path / "clip.wav")


def test_a_missing_or_damaged_wav_file_is_refused(tmp_path, rng):
    path = tmp_path / "clip.wav"
    with pytest.raises(zoo.InputError, match="There is no file"):
        log_mel.read_wav(path)
    write_wav(path, np.zeros(100, "int16"))
    good = path.read_bytes()
    path.write_bytes(good[:-50])
    with pytest.raises(zoo.InputError, match="is damaged, it holds 75 of its 100 samples"):
        log_mel.read_wav(path)
    header = b"fmt \x10\0\0\0\x01\0"
    assert header in good
    floats = good.replace(header, b"fmt \x10\0\0\0\x03\0")
    beyond_the_end = good.replace(header, b"fmt \xe2\0\0\0\x01\0")
    for bad in (b"", good[:20], good[:40], b"no sound", rng.bytes(200), floats, beyond_the_end):
        path.write_bytes(bad)
        with pytest.raises(zoo.InputError, match="damaged or no PCM WAV file") as error:
            log_mel.read_wav(path)
        assert "\n" not in str(error.value)


def test_it_runs_where_nothing_but_numpy_can_be_imported(tmp_path):
    write_wav(tmp_path / "clip.wav", np.zeros(SAMPLES, "int16"))
    code = """
import json, sys
for name in ("tensorflow", "keras", "scipy", "librosa", "ai_edge_litert"):
    sys.modules[name] = None  # importing it raises
import zoo
assert zoo.edge.log_mel is zoo.log_mel
print(json.dumps(zoo.log_mel.windows(zoo.log_mel.read_wav(sys.argv[1])).shape))
"""
    assert run_python(code, str(tmp_path / "clip.wav")) == [196, 640]


# Against MLPerf Tiny's own files


@pytest.fixture(scope="module")
def reference(shared_data):
    """Folder with clips of ToyADMOS and MLPerf Tiny's spectrogram, models and scores."""
    folder = shared_data / "toycar"
    if not folder.is_dir():
        pytest.skip(f"no files of MLPerf Tiny in {folder}")
    return folder


def test_it_equals_the_spectrogram_that_mlperf_tiny_publishes(reference):
    clip = log_mel.read_wav(reference / "normal_id_01_00000000.wav")
    assert len(clip) == SAMPLES
    published = np.fromfile(reference / "normal_id_01_00000000_hist_librosa.bin", "float32")
    # The last bit of its values, down to -67 dB.
    np.testing.assert_allclose(
        log_mel.spectrogram(clip), published.reshape(200, 128), rtol=0, atol=1e-5
    )


@pytest.mark.parametrize(
    ("model", "scores", "tolerance"),
    [
        # Kernels add up in orders of their own: those of one release differ by 2e-5.
        ("ad01_fp32", "tflite_anomaly_score_ToyCar_id_01", 5e-5),
        # How a kernel rounds to int8 moves these two clips' scores by up to 0.037: by so much do
        # XNNPACK's and TFLite's own differ in one release. Normal and anomaly are 0.8 apart.
        ("ad01_int8", "tflite_quant_fullint_micro_anomaly_score_ToyCar_id_01", 0.04),
    ],
)
def test_mlperf_tiny_s_models_give_the_scores_that_it_publishes(
    model, scores, tolerance, reference
):
    with (reference / f"{scores}.csv").open() as file:
        published = dict(csv.reader(file))
    for name in ("normal_id_01_00000000.wav", "anomaly_id_01_00000000.wav"):
        windows = log_mel.windows(log_mel.read_wav(reference / name))
        score = zoo.edge.load(reference / f"{model}.tflite", foreign=True).score(windows).mean()
        assert score == pytest.approx(float(published[name]), abs=tolerance), name
