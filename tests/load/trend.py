"""Whether a figure keeps its size over a long run. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression
from typing import Final

_SHARE: Final = 10
"""Start, middle and end are the means of so many parts of a series, one of each."""

_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Trend:
    """Means at three places, and the slope of the second half by least squares."""

    start: float
    middle: float
    end: float
    per_minute: float


def find_trend(points: Sequence[tuple[float, float]]) -> Trend:
    """Of at least four (seconds, figure) in their order; what a run begins with may still grow,
    so the slope is that of the second half."""
    figures = [figure for _, figure in points]
    width = max(1, len(points) // _SHARE)
    middle = (len(points) - width) // 2
    times, late = zip(*points[len(points) // 2 :], strict=True)
    return Trend(
        start=fmean(figures[:width]),
        middle=fmean(figures[middle : middle + width]),
        end=fmean(figures[-width:]),
        per_minute=linear_regression(times, late).slope * _MINUTE_S,
    )
