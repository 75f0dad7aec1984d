"""BANDWIDTH as RFC 8216 measures it: the worst run of 0.5 to 1.5 target durations."""

from fractions import Fraction

import pytest

from transcoder.cmaf.bandwidth import Bandwidth, measure_bandwidth


@pytest.mark.parametrize(
    ("sizes", "seconds", "expected"),
    [
        pytest.param([750], [6], (1000, 1000), id="one segment"),
        pytest.param([750, 1500], [6, 6], (2000, 1500), id="the worse of two"),
        # 2 s is below half the target: it counts only together with its neighbour
        pytest.param([750, 750], [6, 2], (1500, 1500), id="a short end with its neighbour"),
        pytest.param([750, 1500, 250], [6, 6, 2], (2000, 1429), id="a short end that adds little"),
        pytest.param([100], [1], (800, 800), id="only a short segment"),
        pytest.param([1000] * 4, [2, 2, 2, 2], (4000, 4000), id="runs of short segments"),
    ],
)
def test_peak_and_mean(sizes: list[int], seconds: list[int], expected: tuple[int, int]) -> None:
    measured = measure_bandwidth(sizes, [Fraction(s) for s in seconds], 6)
    assert (measured.peak_bps, measured.average_bps) == expected


def test_fractions_of_a_bit_are_rounded_up() -> None:
    assert measure_bandwidth([1], [Fraction(3)], 3) == Bandwidth(3, 3)


def test_renditions_played_together_add_up() -> None:
    assert Bandwidth(10, 5) + Bandwidth(3, 2) == Bandwidth(13, 7)
