"""What a trend says of series whose course is known."""

import random

import pytest

from tests.load.trend import find_trend


def test_a_figure_that_stays_has_no_slope() -> None:
    trend = find_trend([(10.0 * n, 7.0) for n in range(40)])
    assert (trend.start, trend.middle, trend.end, trend.per_minute) == (7, 7, 7, 0)


def test_a_leak_is_told_by_the_minute() -> None:
    trend = find_trend([(10.0 * n, 100 + 5.0 * n) for n in range(40)])
    assert trend.per_minute == pytest.approx(30)
    assert trend.start < trend.middle < trend.end


def test_growth_that_ends_in_the_first_half_is_no_leak() -> None:
    trend = find_trend([(10.0 * n, min(n, 15.0)) for n in range(40)])
    assert trend.per_minute == pytest.approx(0)
    assert trend.start < trend.end


def test_noise_hides_no_leak() -> None:
    noise = random.Random(1)  # noqa: S311  (noise, not secrets)
    points = [(10.0 * n, 1000 + 2.0 * n + noise.gauss(0, 20)) for n in range(180)]
    assert find_trend(points).per_minute == pytest.approx(12, rel=0.2)


def test_four_points_are_enough() -> None:
    trend = find_trend([(0, 1), (60, 2), (120, 3), (180, 4)])
    assert trend.per_minute == pytest.approx(1)
    assert (trend.start, trend.end) == (1, 4)
