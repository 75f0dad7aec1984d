"""The film begins where picture and sound do, and they keep step."""

from fractions import Fraction

import pytest

from transcoder.input.facts import AudioFacts, SourceFacts, VideoFacts
from transcoder.planning.plan import Plan
from transcoder.planning.plan import plan_film as plan_film_by
from transcoder.settings import Settings


def facts(picture_s: float | None, sound_s: float | None, *, rate: int = 25) -> SourceFacts:
    video = None
    if picture_s is not None:
        video = VideoFacts(
            stream=0,
            start_s=Fraction(picture_s),
            end_s=Fraction(picture_s) + 10,
            width=640,
            height=360,
            frame_rate=Fraction(rate),
        )
    audio = () if sound_s is None else (AudioFacts(1, Fraction(sound_s), Fraction(sound_s) + 10),)
    return SourceFacts(duration_s=Fraction(10), video=video, audio=audio)


def _sound(stream: int, lasts_s: tuple[float, float]) -> AudioFacts:
    return AudioFacts(stream, start_s=Fraction(lasts_s[0]), end_s=Fraction(lasts_s[1]))


def plan_film(source: SourceFacts) -> Plan:
    return plan_film_by(source, Settings())


@pytest.mark.parametrize(
    ("picture_s", "sound_s", "start_s"),
    [
        pytest.param(0.0, 0.0, 0, id="together"),
        pytest.param(5.0, None, 5, id="no sound"),
        pytest.param(5.0, 7.0, 5, id="sound later"),
        pytest.param(5.0, 4.75, Fraction(119, 25), id="sound earlier: whole pictures earlier"),
        pytest.param(0.0, -0.021, 0, id="sound earlier by less than a picture"),
        pytest.param(None, 3.0, 3, id="sound alone"),
    ],
)
def test_where_the_film_begins(
    picture_s: float | None, sound_s: float | None, start_s: Fraction
) -> None:
    assert plan_film(facts(picture_s, sound_s)).start_s == start_s


@pytest.mark.parametrize(
    ("picture_s", "sound_s", "rate", "frames"),
    [
        pytest.param((0, 10), None, 25, 250, id="no sound"),
        pytest.param((0, 10), (0, 10.05), 25, 250, id="sound hardly longer"),
        pytest.param((0, 10), (0, 12), 25, 300, id="sound longer"),
        pytest.param((0, 10), (0, 3), 25, 250, id="sound shorter"),
        pytest.param((2, 10), (0, 10), 25, 250, id="sound begins earlier"),
        pytest.param((0, 0.04), (0, 10), 25, 250, id="one picture with sound"),
        pytest.param((0, 0.001), None, 25, 1, id="one picture"),
        pytest.param((0, 10.019), None, 25, 250, id="less than half a picture more"),
        pytest.param((0, 10.021), None, 25, 251, id="more than half a picture more"),
        pytest.param((0, Fraction(601, 60)), None, 60, 602, id="whole on the slowest rung"),
    ],
)
def test_how_many_pictures_a_film_has(
    picture_s: tuple[float, float], sound_s: tuple[float, float] | None, rate: int, frames: int
) -> None:
    begins_s, ends_s = map(Fraction, picture_s)
    video = VideoFacts(0, begins_s, ends_s, 854, 480, Fraction(rate))
    audio = () if sound_s is None else (_sound(1, sound_s),)
    plan = plan_film(SourceFacts(Fraction(10), video=video, audio=audio))
    assert plan.frames == frames
    assert plan.duration_s == Fraction(frames, rate)
    assert all(plan.frames_of(rung) == plan.duration_s * rung.frame_rate for rung in plan.rungs)


def test_sound_alone_is_as_long_as_its_longest_track() -> None:
    tracks = (_sound(0, (1, 4)), _sound(1, (2, 9)))
    plan = plan_film(SourceFacts(Fraction(8), video=None, audio=tracks))
    assert (plan.start_s, plan.duration_s) == (Fraction(1), Fraction(8))
    assert plan.frames == 0


@pytest.mark.parametrize(
    ("rate", "segment_s"), [(25, 6), (30, 6), (24, 6), (60, 6), (15, 6)], ids=str
)
def test_a_segment_lasts_six_seconds(rate: int, segment_s: int) -> None:
    assert plan_film(facts(0, 0, rate=rate)).segment_s == segment_s


def test_sound_alone_is_cut_every_six_seconds() -> None:
    plan = plan_film(facts(None, 0))
    assert not plan.rungs
    assert plan.segment_s == 6


@pytest.mark.parametrize(
    ("rotation", "aspect", "size"),
    [(0, 1, (640, 360)), (90, 1, (360, 640)), (270, 1, (360, 640)), (180, 1, (640, 360)),
     (0, Fraction(4, 3), (853, 360)), (90, Fraction(1, 2), (360, 320))],
    ids=str,
)  # fmt: skip
def test_size_as_it_is_seen(rotation: int, aspect: Fraction, size: tuple[int, int]) -> None:
    video = VideoFacts(
        stream=0,
        start_s=Fraction(0),
        end_s=Fraction(1),
        width=640,
        height=360,
        frame_rate=Fraction(25),
        pixel_aspect=Fraction(aspect),
        rotation=rotation,
    )
    assert video.display_size() == size
