"""The pictures of a chunk, on their way to its encoders."""

from collections.abc import Iterable
from fractions import Fraction

import av
import pytest

from tests.transcoder.plans import make_plan
from transcoder.input.facts import VideoFacts
from transcoder.picture.tracks import PictureTrack
from transcoder.planning.chunks import Chunk, list_stretches

# ten seconds at 25 frames a second, the second of two chunks begins at six
PLAN = make_plan(10, size=(640, 480), rate=Fraction(25))
WHOLE = Chunk(1, (360, 480), first=1, end=3)
SECOND = Chunk(1, (360, 480), first=2, end=3)


def make_track(chunk: Chunk) -> PictureTrack:
    assert isinstance(PLAN.facts.video, VideoFacts)
    return PictureTrack(
        list_stretches(PLAN, chunk),
        PLAN.facts.video,
        start_s=PLAN.start_s,
        preset="ultrafast",
        sink=lambda _name, _content: "",
    )


def make_picture(at_s: float | None) -> av.VideoFrame:
    frame = av.VideoFrame(640, 480, "yuv420p")
    frame.time_base = Fraction(1, 1000)
    frame.pts = None if at_s is None else round(at_s * 1000)
    frame.duration = 40
    return frame


def encode(chunk: Chunk, pictures: Iterable[av.VideoFrame]) -> PictureTrack:
    track = make_track(chunk)
    with track.encoding():
        for picture in pictures:
            track.take(picture, track.find_time(picture))
        track.finish()
    return track


@pytest.mark.parametrize(("chunk", "lasts_s"), [(WHOLE, 10), (SECOND, 4)], ids=["whole", "second"])
@pytest.mark.parametrize("count", [1, 100, 250, 300], ids="{} pictures".format)
def test_a_chunk_is_as_long_as_planned_whatever_comes(
    chunk: Chunk, lasts_s: int, count: int
) -> None:
    track = encode(chunk, (make_picture(number / 25) for number in range(count)))
    assert [rendition.rung.height for rendition in track.renditions()] == [360, 480]
    assert [rendition.duration_s for rendition in track.renditions()] == [lasts_s] * 2
    assert track.measure_done() == {"360": 1.0, "480": 1.0}


def test_nothing_is_made_of_nothing() -> None:
    track = encode(WHOLE, [])
    assert not track.is_begun
    assert [rendition.segments for rendition in track.renditions()] == [(), ()]


def test_pictures_without_times_follow_on() -> None:
    track = make_track(WHOLE)
    with track.encoding():
        for number, picture in enumerate([make_picture(0.0), make_picture(None)]):
            assert track.find_time(picture) == Fraction(number, 25)
            track.take(picture, track.find_time(picture))
        track.finish()


def test_a_chunk_is_full_a_few_pictures_behind_its_end() -> None:
    track = make_track(Chunk(1, (360, 480), first=1, end=2))
    needed = 0
    with track.encoding():
        while not track.is_full:
            track.take(make_picture(0), Fraction(needed, 25))
            needed += 1
        track.finish()
    assert needed == 150 + 3


def test_after_a_seek_that_led_astray_times_are_believed_again() -> None:
    track = make_track(WHOLE)
    assert track.find_time(make_picture(9.0)) == 9
    track.rewind()
    assert [track.find_time(make_picture(n / 25)) for n in range(3)] == [
        Fraction(n, 25) for n in range(3)
    ]
