"""Which renditions a film gets, and how each is encoded: pure decisions, settings in one place.

A rung is named by its short side, so that a portrait film of 720x1280 is 720p as well. Nothing is
scaled up. Pictures come at a constant standard rate, with a key frame every two seconds and a
segment every six, at the same places on every rung.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

GROUP_S: Final = 2
GROUPS_PER_SEGMENT: Final = 3

AUDIO_RATE_HZ: Final = 48_000
AUDIO_CHANNELS: Final = 2
AUDIO_BIT_RATE_BPS: Final = 128_000

# Short side in pixels, and what a picture at up to 30 frames a second may cost. Capped CRF: easy
# films stay far below the cap; VBV keeps peaks below twice the average (Apple 1.30).
_CAPS_BPS: Final = {360: 900_000, 480: 1_600_000, 720: 3_500_000, 1080: 6_500_000}
_CRF: Final = 23
_FAST_FACTOR: Final = Fraction(3, 2)
_LEAST_CAP_BPS: Final = 150_000

_SMOOTH_FROM_PX: Final = 432  # Apple: at most 30 frames a second up to this height
_FAST_RATE: Final = 31

_RATES: Final = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)
_NEAR: Final = Fraction(1, 200)


@dataclass(frozen=True, slots=True)
class Rung:
    """One video rendition: `height` is its name, the short side; the rest is its encoding."""

    height: int
    width_px: int
    height_px: int
    frame_rate: Fraction
    crf: int
    max_bit_rate_bps: int

    @property
    def group_frames(self) -> int:
        """Frames from one key frame to the next: 60 at 29.97, which is 2.002 s."""
        return round(self.frame_rate * GROUP_S)

    @property
    def cost(self) -> float:
        """What a second of it costs to encode, beside other rungs."""
        return float(self.width_px * self.height_px * self.frame_rate)


def choose_frame_rate(source: Fraction | None) -> Fraction:
    """The standard rate for a source of about `source` frames a second.

    A rate that shows every picture equally often comes first (15 -> 30, 120 -> 60), the nearest
    one otherwise; 30 where nothing is known.
    """
    if source is None or source <= 0:
        return Fraction(30)
    even = [rate for rate in _RATES if _misfit(rate, source) <= _NEAR]
    return min(even or _RATES, key=lambda rate: (_misfit(rate, source), abs(rate - source)))


def _misfit(rate: Fraction, source: Fraction) -> Fraction:
    """How far the greater of two rates is from a multiple of the smaller."""
    small, great = sorted((rate, source))
    return abs(small * round(great / small) / great - 1)


def choose_rungs(width: int, height: int, rate: Fraction) -> tuple[Rung, ...]:
    """The ladder of a film shown at `width` x `height` square pixels, lowest rung first."""
    short = min(width, height)
    sides = [side for side in _CAPS_BPS if side <= short] or [short]
    return tuple(_make_rung(side, width, height, rate) for side in sides)


def _make_rung(side: int, width: int, height: int, rate: Fraction) -> Rung:
    rung_width, rung_height = (
        _scale(length, side, min(width, height)) for length in (width, height)
    )
    rung_rate = rate / 2 if rate > _FAST_RATE and side <= _SMOOTH_FROM_PX else rate
    cap = _CAPS_BPS.get(side) or _cap_by_pixels(rung_width * rung_height)
    return Rung(
        height=min(rung_width, rung_height),
        width_px=rung_width,
        height_px=rung_height,
        frame_rate=rung_rate,
        crf=_CRF,
        max_bit_rate_bps=round(cap * _FAST_FACTOR) if rung_rate > _FAST_RATE else cap,
    )


def _scale(length: int, side: int, short: int) -> int:
    """A length when the short side becomes `side`: even, since x264 refuses odd ones, and never
    above what it was."""
    return max(2, min(2 * round(Fraction(length * side, 2 * short)), length // 2 * 2))


def _cap_by_pixels(pixels: int) -> int:
    return max(_LEAST_CAP_BPS, _CAPS_BPS[360] * pixels // (640 * 360))
