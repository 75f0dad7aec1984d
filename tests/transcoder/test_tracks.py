"""Pictures and sound on their way to the encoders, and how far each has come."""

from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
import pytest

from transcoder.errors import SourceTooLong
from transcoder.facts import AudioFacts, SourceFacts, VideoFacts
from transcoder.plan import Plan, plan_film
from transcoder.settings import Settings
from transcoder.tracks import PictureTrack, SoundTrack

MINUTE = Settings(max_duration_s=60, preset="ultrafast")
FACTS = VideoFacts(
    stream=0,
    start_s=Fraction(0),
    end_s=Fraction(10),
    width=640,
    height=480,
    frame_rate=Fraction(25),
)


def make_plan() -> Plan:
    audio = AudioFacts(1, Fraction(0), Fraction(10))
    return plan_film(SourceFacts(Fraction(10), video=FACTS, audio=(audio,)), MINUTE)


def sink(_name: str, _content: bytes) -> str:
    return ""


def make_picture(at_s: float | None, lasts_s: float = 0.04) -> av.VideoFrame:
    frame = av.VideoFrame(640, 480, "yuv420p")
    frame.time_base = Fraction(1, 1000)
    frame.pts = None if at_s is None else round(at_s * 1000)
    frame.duration = round(lasts_s * 1000)
    return frame


def encode(pictures: Iterable[av.VideoFrame], until_s: float = 0) -> PictureTrack:
    track = PictureTrack(make_plan(), FACTS, MINUTE, sink)
    with track.encoding():
        for picture in pictures:
            track.take(picture)
        track.finish(until_s=Fraction(until_s))
    return track


def test_every_rung_lasts_as_long_as_the_pictures() -> None:
    track = encode(make_picture(number / 25) for number in range(5))
    assert [rendition.rung.height for rendition in track.renditions()] == [360, 480]
    assert [rendition.duration_s for rendition in track.renditions()] == [Fraction(1, 5)] * 2


def test_pictures_without_times_follow_on() -> None:
    track = encode([make_picture(0.0), make_picture(None), make_picture(None)])
    assert track.renditions()[0].duration_s == Fraction(3, 25)


@pytest.mark.parametrize(
    ("until_s", "lasts_s"), [(0.5, 1), (1.05, 1), (1.5, 1.52), (3.0, 3)], ids=str
)
def test_the_last_picture_stands_until_sound_ends_that_lasts_much_longer(
    until_s: float, lasts_s: float
) -> None:
    track = encode((make_picture(number / 25) for number in range(25)), until_s=until_s)
    assert float(track.renditions()[0].duration_s) == pytest.approx(lasts_s, abs=0.021)


def test_the_last_picture_stands_as_long_as_the_file_says() -> None:
    track = encode([make_picture(0.0), make_picture(0.04, lasts_s=2)])
    assert float(track.renditions()[0].duration_s) == pytest.approx(2.04, abs=0.001)


def test_progress_is_weighed_by_cost() -> None:
    track = encode(make_picture(number / 25) for number in range(25))
    assert track.measure_done(Fraction(2)) == (0.5, {"360": 0.5, "480": 0.5})
    assert track.measure_done(Fraction(1, 2)) == (1.0, {"360": 1.0, "480": 1.0})


@pytest.mark.parametrize(
    "picture", [make_picture(90.0), make_picture(0.0, lasts_s=90)], ids=["at", "lasting"]
)
def test_a_picture_beyond_the_longest_film_is_refused(picture: av.VideoFrame) -> None:
    with pytest.raises(SourceTooLong):
        encode([make_picture(0.0), picture])


def make_sound(at_s: float) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((2, 4800), np.float32), "fltp", "stereo")
    frame.sample_rate, frame.time_base = 48_000, Fraction(1, 48_000)
    frame.pts = round(at_s * 48_000)
    return frame


def test_sound_ends_with_the_film() -> None:
    track = SoundTrack(make_plan(), MINUTE, sink)
    track.take(make_sound(0))
    assert track.end_s == Fraction(1, 10)
    track.finish(Fraction(7))
    rendition = track.rendition()
    assert rendition.codecs == "mp4a.40.2"
    assert float(rendition.duration_s) == pytest.approx(7, abs=0.022)
    assert [round(float(s.duration_s), 3) for s in rendition.segments] == [6.016, 1.003]


def test_sound_beyond_the_longest_film_is_refused_before_the_gap_is_filled() -> None:
    track = SoundTrack(make_plan(), MINUTE, sink)
    track.take(make_sound(0))
    with pytest.raises(SourceTooLong):
        track.take(make_sound(10**9))
    assert track.end_s == Fraction(1, 10)
