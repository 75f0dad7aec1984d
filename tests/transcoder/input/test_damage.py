"""A source of which too much is missing or broken is refused, and no other."""

from fractions import Fraction

import pytest

from transcoder.errors import SourceCorrupt, SourceTruncated
from transcoder.input.damage import Tally


@pytest.mark.parametrize(
    ("reached_s", "expected_s"),
    [
        pytest.param(10, 10, id="whole"),
        pytest.param(9.6, 10, id="half a second short"),
        pytest.param(96, 100, id="a twentieth short"),
        pytest.param(11, 10, id="longer than expected"),
    ],
)
def test_enough_is_there(reached_s: float, expected_s: float) -> None:
    Tally(good=100, bad=10, reached_s=Fraction(reached_s)).check(Fraction(expected_s))


@pytest.mark.parametrize("reached_s", [0.5, 5, 9])
def test_a_source_that_ends_too_early_is_truncated(reached_s: float) -> None:
    with pytest.raises(SourceTruncated, match=r"of 10\.0 s"):
        Tally(good=100, reached_s=Fraction(reached_s)).check(Fraction(10))


def test_a_source_with_many_bad_frames_is_corrupt() -> None:
    with pytest.raises(SourceCorrupt, match="20 of 120"):
        Tally(good=100, bad=20, reached_s=Fraction(10)).check(Fraction(10))


def test_a_source_without_any_good_frame_is_corrupt() -> None:
    with pytest.raises(SourceCorrupt, match="nothing"):
        Tally().check(Fraction(0))


def test_frames_are_counted() -> None:
    tally = Tally()
    for is_good in (True, True, False):
        tally.count(is_good=is_good)
    assert (tally.good, tally.bad) == (2, 1)
