"""Sound on the film's time line: nothing early, nothing late, nothing missing, nothing more."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from tests.transcoder.playback import measure_delay_ms
from tests.transcoder.sounds import RATE, make_chirp, make_frame, make_noise
from transcoder.sound.sound_line import FrameUnusable, Samples, SoundLine


def make_line(length: int = 3 * RATE, start_s: Fraction = Fraction(0), **form: Any) -> SoundLine:
    return SoundLine(**{"layout": "stereo", "channels": 2, **form}, start_s=start_s, length=length)


def join(*parts: Iterable[Samples]) -> Samples:
    return np.concatenate([samples for part in parts for samples in part], axis=1)


def test_sound_comes_out_as_it_went_in() -> None:
    line, sent = make_line(RATE), make_chirp(RATE)
    heard = join(line.push(make_frame(sent, 0)), line.finish())
    assert np.array_equal(heard, sent)


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
    line, sent = make_line(start_s=start_s), make_chirp(RATE)
    heard = join(line.push(make_frame(sent, at)), line.finish())
    assert measure_delay_ms(heard, sent) == delay / 48
    assert heard.shape == (2, 3 * RATE)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_what_is_no_sound_is_silence(value: float) -> None:
    line, sent = make_line(RATE), make_chirp(RATE)
    damaged = sent.copy()
    damaged[:, 4000:4100] = value
    sent[:, 4000:4100] = 0
    heard = join(line.push(make_frame(damaged, 0)), line.finish())
    assert np.array_equal(heard, sent)


@pytest.mark.parametrize(
    ("kind", "number", "loudest"),
    [("flt", np.float32, 1), ("s32", np.int32, 2**31), ("s16", np.int16, 2**15)],
)
def test_sound_of_all_around_is_heard_on_its_sides(
    kind: str, number: type[np.number[Any]], loudest: int
) -> None:
    left, right = make_noise(RATE, 2, level=0.05)
    field = np.stack([left + right, left - right, left, right])  # W, Y, Z, X
    packed = (field.T.reshape(1, -1) * loudest).astype(number)
    frame = av.AudioFrame.from_ndarray(packed, format=kind, layout="ambisonic 1")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    line = make_line(RATE)
    heard = join(line.push(frame), line.finish())
    assert heard == pytest.approx(np.stack([left, right]), abs=1e-3)


def test_a_frame_of_too_many_channels_is_left_out() -> None:
    line, sent = make_line(2 * RATE), make_chirp(RATE)
    packed = make_noise(1024, 52).T.reshape(1, -1)  # so many planes PyAV does not count
    damaged = av.AudioFrame.from_ndarray(packed, format="flt", layout="52 channels")
    damaged.sample_rate, damaged.pts, damaged.time_base = RATE, RATE, Fraction(1, RATE)
    first = join(line.push(make_frame(sent, 0)))
    with pytest.raises(FrameUnusable):
        list(line.push(damaged))
    later = join(line.push(make_frame(sent, RATE)), line.finish())
    assert np.array_equal(np.concatenate([first, later], axis=1), np.tile(sent, 2))


@pytest.mark.parametrize(
    ("gap", "filled"),
    [
        pytest.param(1024, 1024, id="a lost frame"),
        pytest.param(3 * RATE, 3 * RATE, id="seconds"),
        pytest.param(40, 0, id="a rounded time"),
        pytest.param(-40, 0, id="a time rounded the other way"),
        pytest.param(-2048, -2048, id="an overlap"),
        pytest.param(-3 * RATE, -RATE, id="the same once more"),
    ],
)
def test_gaps_are_filled_and_overlaps_cut(gap: int, filled: int) -> None:
    line = make_line(10 * RATE)
    join(line.push(make_frame(make_chirp(RATE), 0)))
    list(line.push(make_frame(make_chirp(RATE), RATE + gap)))
    assert line.position == 2 * RATE + filled


def test_a_gap_is_silent() -> None:
    line = make_line()
    heard = join(
        line.push(make_frame(make_chirp(RATE), 0)),
        line.push(make_frame(make_chirp(RATE // 2), 2 * RATE)),
        line.finish(),
    )
    assert not heard[:, RATE : 2 * RATE].any()
    assert not heard[:, 5 * RATE // 2 :].any()
    assert np.array_equal(heard[:, 2 * RATE : 5 * RATE // 2], make_chirp(RATE // 2))


def test_sound_without_times_follows_on() -> None:
    line = make_line()
    for _ in range(3):
        join(line.push(make_frame(make_chirp(5000), None)))
    assert line.position == 15_000


@pytest.mark.parametrize("sent", [RATE - 20_000, RATE, RATE + 20_000, 3 * RATE])
def test_the_end_is_cut_or_filled(sent: int) -> None:
    line = make_line(RATE)
    assert join(line.push(make_frame(make_chirp(sent), 0)), line.finish()).shape == (2, RATE)


def test_sound_from_far_beyond_the_end_is_cut_off() -> None:
    line = make_line(RATE)
    assert not join(line.push(make_frame(make_chirp(RATE), 10**12)), line.finish()).any()
    assert line.position == RATE


def test_no_sound_at_all_is_silence() -> None:
    heard = join(make_line(RATE + 7, layout="5.1", channels=6).finish())
    assert heard.shape == (6, RATE + 7)
    assert not heard.any()


def test_sound_may_change_in_its_midst() -> None:
    line = make_line(3 * RATE)
    heard = join(
        line.push(make_frame(make_chirp(44_100), 0, rate=44_100)),
        line.push(make_frame(make_chirp(RATE, 1), RATE, layout="mono")),
        line.push(make_frame(make_chirp(RATE, 6), 2 * RATE, layout="5.1")),
        line.finish(),
    )
    assert heard.shape == (2, 3 * RATE)
    for second in range(3):
        assert np.abs(heard[:, second * RATE + 1000 : (second + 1) * RATE - 1000]).max() > 0.2
    assert measure_delay_ms(heard[:, RATE : 2 * RATE], make_chirp(RATE)) == 0


SIDE = 0.5**0.5
STEREO_OF = {
    "mono": [[SIDE], [SIDE]],
    "stereo": [[1, 0], [0, 1]],
    "5.1": [[1, 0, SIDE, 0, SIDE, 0], [0, 1, SIDE, 0, 0, SIDE]],
    "5.1(side)": [[1, 0, SIDE, 0, SIDE, 0], [0, 1, SIDE, 0, 0, SIDE]],
    "quad": [[1, 0, SIDE, 0], [0, 1, 0, SIDE]],
}


@pytest.mark.parametrize(("layout", "matrix"), STEREO_OF.items(), ids=list(STEREO_OF))
def test_every_layout_is_mixed_down_as_the_standard_says(
    layout: str, matrix: list[list[float]]
) -> None:
    """ITU-R BS.775-4, table 2, and no channel is made quieter to leave room for the sum."""
    sent = make_noise(RATE, len(matrix[0]), level=0.3)
    line = make_line(RATE)
    heard = join(line.push(make_frame(sent, 0, layout=layout)), line.finish())
    assert np.abs(heard - np.array(matrix, np.float32) @ sent).max() < 0.001


@pytest.mark.parametrize("layout", ["5.1", "5.1(side)"])
def test_surround_channels_stay_where_they_are(layout: str) -> None:
    sent = make_noise(RATE, 6)
    line = make_line(RATE, layout="5.1", channels=6)
    heard = join(line.push(make_frame(sent, 0, layout=layout)), line.finish())
    assert np.abs(heard - sent).max() < 0.001


def test_a_mono_passage_of_surround_sound_comes_from_the_centre() -> None:
    sent = make_noise(RATE, 1)
    line = make_line(RATE, layout="5.1", channels=6)
    heard = join(line.push(make_frame(sent, 0, layout="mono")), line.finish())
    assert np.abs(heard[2] - sent[0]).max() < 0.001
    assert not heard[[0, 1, 3, 4, 5]].any()
