"""The film begins where picture and sound do, and they keep step."""

from fractions import Fraction

import pytest

from transcoder.plan import plan_film
from transcoder.probe import AudioFacts, SourceFacts, VideoFacts


def facts(picture_s: float | None, sound_s: float | None, *, rate: int = 25) -> SourceFacts:
    video = None
    if picture_s is not None:
        video = VideoFacts(
            stream=0,
            start_s=Fraction(picture_s),
            width=640,
            height=360,
            pixel_aspect=Fraction(1),
            rotation=0,
            frame_rate=Fraction(rate),
        )
    audio = None if sound_s is None else AudioFacts(1, Fraction(sound_s))
    return SourceFacts(Fraction(10), is_duration_declared=True, video=video, audio=audio)


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


def test_sound_that_begins_out_of_sight_does_not_move_the_film() -> None:
    late = SourceFacts(None, False, facts(2, None).video, AudioFacts(1, None))
    assert plan_film(late).start_s == 2


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
    video = VideoFacts(0, Fraction(0), 640, 360, Fraction(aspect), rotation, Fraction(25))
    assert video.display_size() == size
