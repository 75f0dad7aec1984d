"""A source of which too much is missing or broken is refused, and no other."""

from fractions import Fraction

import pytest

from transcoder.damage import Tally
from transcoder.errors import SourceCorrupt, SourceTruncated
from transcoder.probe import SourceFacts


def facts(duration_s: float | None, *, is_declared: bool = True) -> SourceFacts:
    duration = None if duration_s is None else Fraction(duration_s)
    return SourceFacts(duration, is_declared, video=None, audio=None)


@pytest.mark.parametrize(
    ("reached_s", "declared"),
    [
        pytest.param(10.0, facts(10), id="whole"),
        pytest.param(9.6, facts(10), id="half a second short"),
        pytest.param(96, facts(100), id="a twentieth short"),
        pytest.param(11, facts(10), id="longer than declared"),
        pytest.param(1, facts(None), id="of unknown length"),
        pytest.param(1, facts(10, is_declared=False), id="its length only estimated"),
    ],
)
def test_enough_is_there(reached_s: float, declared: SourceFacts) -> None:
    Tally(good=100, bad=10, reached_s=Fraction(reached_s)).check(declared)


@pytest.mark.parametrize("reached_s", [0.5, 5, 9])
def test_a_source_that_ends_too_early_is_truncated(reached_s: float) -> None:
    with pytest.raises(SourceTruncated, match=r"of 10\.0 s"):
        Tally(good=100, reached_s=Fraction(reached_s)).check(facts(10))


def test_a_source_with_many_bad_frames_is_corrupt() -> None:
    with pytest.raises(SourceCorrupt, match="20 of 120"):
        Tally(good=100, bad=20, reached_s=Fraction(10)).check(facts(10))


def test_a_source_without_any_good_frame_is_corrupt() -> None:
    with pytest.raises(SourceCorrupt, match="nothing"):
        Tally().check(facts(None))


def test_frames_are_counted() -> None:
    tally = Tally()
    for is_good in (True, True, False):
        tally.count(is_good=is_good)
    assert (tally.good, tally.bad) == (2, 1)
