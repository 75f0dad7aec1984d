"""Sound on the film's time line: nothing early, nothing late, nothing missing."""

from fractions import Fraction

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.transcoder.playback import measure_delay_ms
from transcoder.boxes import AudioTrack
from transcoder.codecs import name_aac
from transcoder.sound import FRAME_SAMPLES, Sound

RATE = 48_000
Samples = NDArray[np.float32]


def make_frame(
    samples: Samples, at: int | None, *, rate: int = RATE, layout: str = "stereo"
) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    frame.pts = at
    return frame


def make_chirp(count: int, channels: int = 2) -> Samples:
    """A rising tone, which fits itself at one place only."""
    seconds = np.arange(count) / RATE
    tone = 0.3 * np.sin(2 * np.pi * (200 + 1500 * seconds) * seconds)
    return np.repeat(tone.astype(np.float32)[np.newaxis], channels, axis=0)


def decode(track: AudioTrack, coded: list[bytes]) -> Samples:
    """What a player makes of AAC frames, which begin without one to prime it."""
    context = av.CodecContext.create("aac", "r")
    context.extradata = track.audio_config
    frames = [frame for content in coded for frame in context.decode(av.Packet(content))]
    return np.concatenate([np.asarray(f.to_ndarray(), np.float32) for f in frames], axis=1)


def test_sound_comes_out_when_it_went_in() -> None:
    sound, sent = Sound(Fraction(0)), make_chirp(RATE)
    coded = sound.push(make_frame(sent, 0)) + sound.finish()
    heard = decode(sound.track, coded)
    assert heard.shape[1] == len(coded) * FRAME_SAMPLES == -(-RATE // FRAME_SAMPLES) * FRAME_SAMPLES
    assert measure_delay_ms(heard, sent) == 0


def test_the_track_is_stereo_aac() -> None:
    track = Sound(Fraction(0)).track
    assert (track.channels, track.timescale, track.sample_duration) == (2, RATE, FRAME_SAMPLES)
    assert name_aac(track.audio_config) == "mp4a.40.2"


@pytest.mark.parametrize(
    ("start_s", "at", "delay"),
    [
        pytest.param(Fraction(0), 4800, 4800, id="sound later than the film"),
        pytest.param(Fraction(1), RATE, 0, id="sound with the film"),
        pytest.param(Fraction(1), RATE + 48, 48, id="sound a little later"),
        pytest.param(Fraction(1, 10), 0, -4800, id="sound earlier than the film"),
    ],
)
def test_sound_keeps_its_place_in_the_film(start_s: Fraction, at: int, delay: int) -> None:
    sound, sent = Sound(start_s), make_chirp(RATE)
    heard = decode(sound.track, sound.push(make_frame(sent, at)) + sound.finish())
    assert measure_delay_ms(heard, sent) == delay / 48


@pytest.mark.parametrize(
    ("gap", "filled"),
    [
        pytest.param(FRAME_SAMPLES, FRAME_SAMPLES, id="a lost frame"),
        pytest.param(3 * RATE, 3 * RATE, id="seconds"),
        pytest.param(40, 0, id="a rounded time"),
        pytest.param(-40, 0, id="a time rounded the other way"),
        pytest.param(-2 * FRAME_SAMPLES, -2 * FRAME_SAMPLES, id="an overlap"),
    ],
)
def test_gaps_are_filled_and_overlaps_cut(gap: int, filled: int) -> None:
    sound = Sound(Fraction(0))
    sound.push(make_frame(make_chirp(RATE), 0))
    sound.push(make_frame(make_chirp(RATE), RATE + gap))
    assert sound.samples == 2 * RATE + filled


def test_sound_without_times_follows_on() -> None:
    sound = Sound(Fraction(0))
    for _ in range(3):
        sound.push(make_frame(make_chirp(5000), None))
    assert sound.samples == 15_000


@pytest.mark.parametrize(
    ("rate", "layout", "channels"),
    [(44_100, "stereo", 2), (48_000, "mono", 1), (48_000, "5.1", 6), (8_000, "mono", 1)],
    ids=str,
)
def test_any_sound_becomes_stereo_at_48_khz(rate: int, layout: str, channels: int) -> None:
    sound = Sound(Fraction(0))
    sound.push(make_frame(make_chirp(rate, channels), 0, rate=rate, layout=layout))
    sound.finish()
    assert sound.samples == pytest.approx(RATE, abs=FRAME_SAMPLES)


def test_sound_may_change_in_its_midst() -> None:
    sound = Sound(Fraction(0))
    sound.push(make_frame(make_chirp(44_100), 0, rate=44_100))
    sound.push(make_frame(make_chirp(RATE, 1), RATE, layout="mono"))
    sound.push(make_frame(make_chirp(RATE, 6), 2 * RATE, layout="5.1"))
    assert sound.samples == pytest.approx(3 * RATE, abs=100)


@pytest.mark.parametrize("wanted", [RATE, RATE - 20_000, RATE + 20_000, 5 * RATE])
def test_the_end_is_cut_or_filled(wanted: int) -> None:
    sound = Sound(Fraction(0))
    coded = sound.push(make_frame(make_chirp(RATE), 0)) + sound.finish(wanted)
    assert len(coded) == -(-wanted // FRAME_SAMPLES)


def test_no_sound_at_all_is_silence() -> None:
    sound = Sound(Fraction(0))
    heard = decode(sound.track, sound.finish(RATE))
    assert heard.shape[1] >= RATE
    assert np.abs(heard).max() == 0


def test_peaks_outline_the_sound() -> None:
    sound = Sound(Fraction(0))
    sound.push(make_frame(np.full((2, 2048), 0.5, np.float32), 0))
    sound.push(make_frame(np.full((2, 2048), 0.25, np.float32), 2048))
    sound.finish()
    assert sound.peaks == [0.5, 0.5, 0.25, 0.25]
