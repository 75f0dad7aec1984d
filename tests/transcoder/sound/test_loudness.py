"""Loudness: measured as EBU R 128 wants it, and the one gain that follows from it."""

import numpy as np
import pytest

from transcoder.cmaf.film import Loudness
from transcoder.sound.loudness import LoudnessMeter, choose_gain_db
from transcoder.sound.sound_line import Samples

RATE = 48_000


def make_sine(
    level_dbfs: float, *, seconds: float = 4, channels: int = 2, hz: int = 997
) -> Samples:
    """A sine whose peaks are at `level_dbfs`, on all channels."""
    times = np.arange(round(seconds * RATE)) / RATE
    tone = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * times)
    return np.repeat(tone.astype(np.float32)[np.newaxis], channels, axis=0)


def measure(samples: Samples, layout: str = "stereo", step: int = 1024) -> Loudness | None:
    meter = LoudnessMeter(layout, channels=len(samples))
    for at in range(0, samples.shape[1], step):
        meter.push(samples[:, at : at + step])
    return meter.finish()


@pytest.mark.parametrize("level", [-14.0, -23.0, -33.0])
def test_a_stereo_tone_is_as_loud_as_its_level(level: float) -> None:
    """EBU Tech 3341, cases 1 and 2: a tone of 1 kHz at -23 dBFS is -23 LUFS."""
    measured = measure(make_sine(level))
    assert measured is not None
    assert measured.integrated_lufs == pytest.approx(level, abs=0.1)
    assert level <= measured.true_peak_dbtp == pytest.approx(level, abs=0.25)
    assert measured.gain_db == pytest.approx(-16 - level, abs=0.15)


def test_quiet_stretches_do_not_count() -> None:
    """EBU Tech 3341, case 3: what is 10 LU below the rest is gated away."""
    measured = measure(np.concatenate([make_sine(-36.0), make_sine(-23.0, seconds=20)], axis=1))
    assert measured is not None
    assert measured.integrated_lufs == pytest.approx(-23, abs=0.15)
    assert measured.range_lu > 4


def test_surround_channels_count_more_and_the_low_one_not_at_all() -> None:
    """ITU-R BS.1770: +1.5 dB for the two at the back."""
    tone = make_sine(-23.0, channels=6)
    alone = [0, 0, 0, 0, 1, 1]
    back = measure(tone * np.array(alone, np.float32)[:, np.newaxis], "5.1")
    low = measure(tone * np.array([0, 0, 0, 1, 0, 0], np.float32)[:, np.newaxis], "5.1")
    assert back is not None
    assert low is not None
    assert back.integrated_lufs == pytest.approx(-21.5, abs=0.1)
    assert low.integrated_lufs == -70


def test_peaks_between_the_samples_are_found() -> None:
    """EBU Tech 3341, case 16: a quarter of the rate, sampled beside its peaks, reads 3 dB less."""
    times = np.arange(RATE) / 4
    swell = np.minimum(1, np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / 4800)
    tone = (0.5 * swell * np.sin(2 * np.pi * times + np.pi / 4)).astype(np.float32)
    measured = measure(np.stack([tone, tone]))
    assert measured is not None
    assert np.abs(tone).max() < 0.36
    assert measured.true_peak_dbtp == pytest.approx(-6, abs=0.3)


@pytest.mark.parametrize("seconds", [0.0, 0.01, 3.0])
def test_silence_has_no_loudness(seconds: float) -> None:
    assert measure(np.zeros((2, round(seconds * RATE)), np.float32)) is None


def test_a_click_at_the_very_end_is_a_peak() -> None:
    samples = make_sine(-40.0, seconds=1.03)
    samples[:, -20:] = 0.9
    measured = measure(samples)
    assert measured is not None
    assert measured.true_peak_dbtp > -2


def test_pieces_of_any_length_measure_the_same() -> None:
    tone = make_sine(-20.0, seconds=1.7)
    assert measure(tone, step=977) == measure(tone, step=tone.shape[1])


@pytest.mark.parametrize(
    ("lufs", "peak_dbtp", "gain_db"),
    [
        pytest.param(-23.0, -10.0, 7.0, id="quiet"),
        pytest.param(-10.0, -0.5, -6.0, id="loud"),
        pytest.param(-23.0, -4.0, 2.5, id="no room for its peaks"),
        pytest.param(-16.0, 1.0, -2.5, id="clipped"),
        pytest.param(-60.0, -50.0, 20.0, id="noise"),
        pytest.param(-70.0, -40.0, 0.0, id="next to nothing"),
        pytest.param(-70.0, 0.0, -1.5, id="a click"),
    ],
)
def test_the_gain_aims_at_one_loudness_and_spares_the_peaks(
    lufs: float, peak_dbtp: float, gain_db: float
) -> None:
    assert choose_gain_db(lufs, peak_dbtp) == gain_db
