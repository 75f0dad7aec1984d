"""Where a film is cut: on the grid of segments, into parts that are worth being apart."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.jobs import MAX_CHUNKS
from tests.transcoder.plans import make_plan
from transcoder.planning.chunks import Chunk, Stretch, cut_chunks, list_stretches
from transcoder.planning.plan import Plan

NTSC = Fraction(30000, 1001)


def describe(chunk: Chunk) -> tuple[tuple[int, ...], int, int, bool, bool]:
    return chunk.heights, chunk.first, chunk.end, chunk.has_sound, chunk.is_low


@pytest.mark.parametrize("seconds", [0.1, 6, 20, 90])
def test_a_short_film_is_one_chunk(seconds: float) -> None:
    plan = make_plan(seconds)
    (chunk,) = cut_chunks(plan)
    assert (chunk.number, chunk.heights, chunk.has_sound) == (1, (360, 480, 720), True)
    assert [s.frames for s in list_stretches(plan, chunk)] == [plan.frames] * 3


def test_a_long_film_is_its_sound_and_two_chunks_a_minute() -> None:
    chunks = cut_chunks(make_plan(180))
    assert [describe(chunk) for chunk in chunks] == [
        ((), 1, 1, True, True),
        ((360,), 1, 11, False, True),
        ((360,), 11, 21, False, True),
        ((360,), 21, 31, False, True),
        ((480, 720), 1, 11, False, False),
        ((480, 720), 11, 21, False, False),
        ((480, 720), 21, 31, False, False),
    ]
    assert [chunk.number for chunk in chunks] == [1, 2, 3, 4, 5, 6, 7]


def test_a_long_film_of_one_rung_has_no_others() -> None:
    chunks = cut_chunks(make_plan(180, size=(640, 360), has_sound=False))
    assert [describe(chunk) for chunk in chunks] == [
        ((360,), 1, 11, False, True),
        ((360,), 11, 21, False, True),
        ((360,), 21, 31, False, True),
    ]


def test_chunks_are_as_long_as_the_settings_say() -> None:
    chunks = cut_chunks(make_plan(18), segments=1)
    assert [describe(chunk)[:3] for chunk in chunks] == [
        ((), 1, 1),
        *(((360,), number, number + 1) for number in (1, 2, 3)),
        *(((480, 720), number, number + 1) for number in (1, 2, 3)),
    ]


def test_a_very_long_film_has_no_more_chunks_than_can_be_ordered() -> None:
    assert len(cut_chunks(make_plan(36_000), segments=1)) < MAX_CHUNKS


@pytest.mark.parametrize(("seconds", "parts"), [(100, 2), (190, 3), (3600, 3), (36_000, 3)])
def test_a_source_that_cannot_be_sought_is_cut_in_few(seconds: float, parts: int) -> None:
    sound, *pictures = cut_chunks(make_plan(seconds, is_seekable=False))
    assert describe(sound) == ((), 1, 1, True, True)
    assert [chunk.heights for chunk in pictures] == [(360, 480, 720)] * parts


def test_sound_alone_is_never_cut() -> None:
    (chunk,) = cut_chunks(make_plan(36_000, size=None))
    assert (chunk.heights, chunk.has_sound) == ((), True)
    assert list_stretches(make_plan(36_000, size=None), chunk) == ()


def list_parts(plan: Plan, height: int) -> list[Stretch]:
    stretches = [s for chunk in cut_chunks(plan) for s in list_stretches(plan, chunk)]
    return [stretch for stretch in stretches if stretch.rung.height == height]


@given(
    seconds=st.floats(0.05, 40_000),
    rate=st.sampled_from([Fraction(24000, 1001), Fraction(25), NTSC, Fraction(30), Fraction(60)]),
    is_seekable=st.booleans(),
)
def test_the_parts_of_a_rung_follow_on_each_other_and_are_the_whole(
    seconds: float, rate: Fraction, *, is_seekable: bool
) -> None:
    plan = make_plan(seconds, rate=rate, is_seekable=is_seekable)
    for rung in plan.rungs:
        frame = 0
        for part in list_parts(plan, rung.height):
            assert part.first_frame == frame
            assert part.frames > 0
            frame += part.frames
        assert frame == plan.frames_of(rung)


@given(seconds=st.floats(91, 40_000))
def test_chunks_last_about_a_minute(seconds: float) -> None:
    lengths = [part.frames / 30 for part in list_parts(make_plan(seconds), 720)]
    assert all(40 <= length <= 90 for length in lengths)
    assert max(lengths) - min(lengths) < 12


def test_rungs_of_half_the_rate_are_cut_at_the_same_moments() -> None:
    plan = make_plan(200, rate=Fraction(60))
    moments = [
        [part.first_frame / part.rung.frame_rate for part in list_parts(plan, height)]
        for height in (360, 480, 720)
    ]
    assert plan.rungs[0].frame_rate == 30
    assert moments[0] == moments[1] == moments[2]
