"""Measured bit rates of a rendition (RFC 8216 sections 4.1 and 4.3.4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Peak and mean, in bit/s."""

    peak_bps: int
    average_bps: int

    def __add__(self, other: "Bandwidth") -> "Bandwidth":
        """What renditions that play together need."""
        return Bandwidth(self.peak_bps + other.peak_bps, self.average_bps + other.average_bps)


def measure_bandwidth(
    sizes: Sequence[int], durations: Sequence[Fraction], target_s: int
) -> Bandwidth:
    """Peak and mean of segments of `sizes` bytes, rounded up.

    The peak is the largest bit rate of any run of segments that lasts 0.5 to 1.5 target
    durations; where no run does, it is the mean.
    """
    average = sum(sizes) * 8 / sum(durations, start=Fraction(0))
    runs = (_peak_from(first, sizes, durations, target_s) for first in range(len(sizes)))
    return Bandwidth(ceil(max(runs) or average), ceil(average))


def _peak_from(
    first: int, sizes: Sequence[int], durations: Sequence[Fraction], target_s: int
) -> Fraction:
    """The largest bit rate of the runs that begin with segment `first`; 0 where none counts."""
    peak = duration = Fraction(0)
    size = 0
    for number in range(first, len(sizes)):
        size += sizes[number]
        duration += durations[number]
        if duration > target_s * Fraction(3, 2):
            break
        if duration >= target_s * Fraction(1, 2):
            peak = max(peak, size * 8 / duration)
    return peak
