"""Rungs by the short side, never scaled up, at a standard rate."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcoder.planning.ladder import choose_frame_rate, choose_rungs

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((1920, 1080), [(640, 360), (854, 480), (1280, 720), (1920, 1080)]),
        ((1280, 720), [(640, 360), (854, 480), (1280, 720)]),
        ((720, 1280), [(360, 640), (480, 854), (720, 1280)]),
        ((3840, 2160), [(640, 360), (854, 480), (1280, 720), (1920, 1080)]),
        ((1024, 576), [(640, 360), (854, 480)]),
        ((1920, 800), [(864, 360), (1152, 480), (1728, 720)]),
        ((320, 180), [(320, 180)]),
        ((321, 181), [(320, 180)]),
        ((360, 360), [(360, 360)]),
        ((1, 1), [(2, 2)]),
    ],
    ids=str,
)
def test_rungs_by_size(size: tuple[int, int], sizes: list[tuple[int, int]]) -> None:
    rungs = choose_rungs(*size, Fraction(30))
    assert [(rung.width_px, rung.height_px) for rung in rungs] == sizes
    assert [rung.height for rung in rungs] == [min(size) for size in sizes]


@given(st.integers(2, 8000), st.integers(2, 8000))
def test_rungs_are_even_and_never_larger_than_the_source(width: int, height: int) -> None:
    rungs = choose_rungs(width, height, Fraction(25))
    assert rungs
    for rung in rungs:
        assert rung.width_px % 2 == rung.height_px % 2 == 0
        assert rung.width_px <= width
        assert rung.height_px <= height


@given(st.integers(360, 4000), st.integers(360, 4000))
def test_rungs_keep_the_aspect_within_a_pixel(width: int, height: int) -> None:
    for rung in choose_rungs(width, height, Fraction(25)):
        scale = rung.height / min(width, height)
        # a short side that is made even by a pixel is as many in the long one as that is longer
        most = 1 + max(width, height) / min(width, height)
        assert abs(rung.width_px - width * scale) <= most
        assert abs(rung.height_px - height * scale) <= most


@pytest.mark.parametrize(
    ("source", "chosen"),
    [
        (Fraction(24), 24),
        (Fraction(24000, 1001), Fraction(24000, 1001)),
        (Fraction(25), 25),
        (NTSC, NTSC),
        (Fraction("29.968"), NTSC),
        (Fraction(30), 30),
        (Fraction("30.01"), 30),
        (Fraction(50), 50),
        (Fraction(60000, 1001), Fraction(60000, 1001)),
        (Fraction(60), 60),
        (Fraction(15), 30),
        (Fraction(12), 24),
        (Fraction("12.5"), 25),
        (Fraction(10), 30),
        (Fraction(20), 60),
        (Fraction(120), 60),
        (Fraction("119.88"), Fraction(60000, 1001)),
        (Fraction(100), 50),
        (Fraction(1), 24),
        (Fraction(27), 25),
        (Fraction(0), 30),
        (None, 30),
    ],
    ids=str,
)
def test_frame_rate(source: Fraction | None, chosen: Fraction) -> None:
    assert choose_frame_rate(source) == chosen


def test_low_rungs_of_a_fast_film_have_half_its_rate() -> None:
    rates = {rung.height: rung.frame_rate for rung in choose_rungs(1920, 1080, Fraction(60))}
    assert rates == {360: 30, 480: 60, 720: 60, 1080: 60}


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), NTSC, Fraction(60)], ids=str)
def test_key_frames_fall_on_the_same_moments_on_every_rung(rate: Fraction) -> None:
    groups = {r.group_frames / r.frame_rate for r in choose_rungs(1920, 1080, rate)}
    assert len(groups) == 1
    assert groups.pop() == pytest.approx(2, abs=0.003)


def test_a_fast_film_may_cost_more() -> None:
    slow, fast = (choose_rungs(1280, 720, rate)[-1] for rate in (Fraction(30), Fraction(60)))
    assert fast.max_bit_rate_bps == slow.max_bit_rate_bps * 3 / 2


def test_caps_rise_with_the_rungs() -> None:
    caps = [rung.max_bit_rate_bps for rung in choose_rungs(1920, 1080, Fraction(30))]
    assert caps == sorted(set(caps))
