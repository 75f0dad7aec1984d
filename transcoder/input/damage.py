"""Whether enough of a source was decoded. FFmpeg goes on past missing and broken data and says
nothing, so that a film of half its length would pass for a whole one."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from transcoder.errors import SourceCorrupt, SourceTruncated

# What may be missing at the end, and what share may be damaged.
_MISSING_S: Final = Fraction(1, 2)
_MISSING_SHARE: Final = Fraction(1, 20)
_DAMAGED_SHARE: Final = Fraction(1, 10)


@dataclass(slots=True)
class Tally:
    """What came out of the decoders."""

    good: int = 0
    bad: int = 0
    reached_s: Fraction = Fraction(0)

    def count(self, *, is_good: bool) -> None:
        if is_good:
            self.good += 1
        else:
            self.bad += 1

    def check(self, expected_s: Fraction) -> None:
        """Raise `SourceTruncated` or `SourceCorrupt` when too much is missing or damaged of what
        was to reach to `expected_s`."""
        if not self.good:
            raise SourceCorrupt("nothing could be decoded")
        if self.bad > (self.good + self.bad) * _DAMAGED_SHARE:
            raise SourceCorrupt(f"{self.bad} of {self.good + self.bad} frames are damaged")
        if expected_s - self.reached_s > max(_MISSING_S, expected_s * _MISSING_SHARE):
            raise SourceTruncated(
                f"{float(self.reached_s):.1f} s of {float(expected_s):.1f} s could be decoded"
            )
