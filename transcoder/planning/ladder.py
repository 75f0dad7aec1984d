"""Which renditions a film gets and why, and how each is encoded: pure decisions.

A rung is named by its short side, so that a portrait film of 720x1280 is 720p as well. Nothing is
scaled up. Pictures come at a constant standard rate, with a key frame every two seconds and a
segment every six, at the same places on every rung.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from transcoder.settings import Settings

GROUP_S: Final = 2
GROUPS_PER_SEGMENT: Final = 3

AUDIO_RATE_HZ: Final = 48_000
AUDIO_BIT_RATE_BPS: Final = 128_000

_FAST_FACTOR: Final = Fraction(3, 2)
_LEAST_CAP_BPS: Final = 150_000
# A picture with half the pixels needs more than half the bits.
_PIXELS_TO_BITS: Final = 0.75

_SMOOTH_FROM_PX: Final = 432  # Apple: at most 30 frames a second up to this height
_FAST_RATE: Final = 31

# A film this near below a rung gets it, at its own size; and no picture is longer than that.
_NEARLY: Final = Fraction(9, 10)
_LONGEST_SIDE_PX: Final = 4096

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

_DEFAULTS: Final = Settings()


@dataclass(frozen=True, slots=True)
class Rung:
    """One video rendition: `height` is its name, the short side; the rest is its encoding, and
    why it is made."""

    height: int
    width_px: int
    height_px: int
    frame_rate: Fraction
    crf: int
    max_bit_rate_bps: int
    reason: str = ""

    @property
    def group_frames(self) -> int:
        """Frames from one key frame to the next: 60 at 29.97, which is 2.002 s."""
        return round(self.frame_rate * GROUP_S)

    @property
    def cost(self) -> float:
        """What a second of it costs to encode, beside other rungs."""
        return float(self.width_px * self.height_px * self.frame_rate)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rung that a film does not get, and why."""

    height: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of a film, the lowest first, and those that it does not get."""

    rungs: tuple[Rung, ...]
    left_out: tuple[LeftOut, ...]


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
    """The ladder of a film shown at `width` x `height` square pixels, lowest rung first, of a
    source that is no limit."""
    return choose_ladder(width, height, rate).rungs


def choose_ladder(
    width: int,
    height: int,
    rate: Fraction,
    *,
    source_bit_rate_bps: int | None = None,
    settings: Settings = _DEFAULTS,
) -> Ladder:
    """The ladder of a film shown at `width` x `height` square pixels. No rung may have many more
    bits than the source: they would only encode its faults."""
    sizes = list(_choose_sizes(width, height, settings))
    most_px = max(size.pixels for size in sizes)
    rungs = {}
    for size in sizes:
        limit = None
        if source_bit_rate_bps is not None:
            share = (size.pixels / most_px) ** _PIXELS_TO_BITS
            limit = round(source_bit_rate_bps * settings.source_rate_factor * share)
        rung = _make_rung(size, rate, limit, settings)
        rungs[rung.height] = rung
    return Ladder(tuple(rungs.values()), tuple(_list_left_out(rungs, width, height, settings)))


@dataclass(frozen=True, slots=True)
class _Size:
    """A rung's size, the step of the ladder that it stands for, if any, and why it is made."""

    width: int
    height: int
    step: int | None
    reason: str

    @property
    def pixels(self) -> int:
        return self.width * self.height


def _choose_sizes(width: int, height: int, settings: Settings) -> Iterator[_Size]:
    short = min(width, height)
    fitting = [step.height for step in settings.ladder if step.height <= short]
    nearly = [s.height for s in settings.ladder if short < s.height and short >= s.height * _NEARLY]
    for side in fitting:
        yield _fit(side, width, height, step=side, reason=_explain(side, short))
    if nearly:
        reason = f"as large as the source, nearly {nearly[0]}"
        yield _fit(short, width, height, step=nearly[0], reason=reason)
    elif not fitting:
        yield _fit(short, width, height, step=None, reason="as large as the source")


def _explain(side: int, short: int) -> str:
    return "as large as the source" if side == short else f"for a source of {short}"


def _fit(side: int, width: int, height: int, *, step: int | None, reason: str) -> _Size:
    """The size whose short side is `side`, or as much less as a long picture needs."""
    scale = min(Fraction(side, min(width, height)), Fraction(_LONGEST_SIDE_PX, max(width, height)))
    return _Size(_scale(width, scale), _scale(height, scale), step, reason)


def _scale(length: int, scale: Fraction) -> int:
    """A length made even, since x264 refuses odd ones, and never above what it was."""
    return max(2, min(2 * round(length * scale / 2), length // 2 * 2))


def _make_rung(size: _Size, rate: Fraction, limit_bps: int | None, settings: Settings) -> Rung:
    height = min(size.width, size.height)
    is_smooth = rate > _FAST_RATE and height > _SMOOTH_FROM_PX
    rung_rate = rate if is_smooth or rate <= _FAST_RATE else rate / 2
    cap = _find_cap(size, settings)
    if is_smooth:
        cap = round(cap * _FAST_FACTOR)
    reason = size.reason
    if limit_bps is not None and limit_bps < cap:
        cap = max(_LEAST_CAP_BPS, limit_bps)
        reason += "; with no more bits than the source is worth"
    return Rung(
        height=height,
        width_px=size.width,
        height_px=size.height,
        frame_rate=rung_rate,
        crf=settings.crf,
        max_bit_rate_bps=cap,
        reason=reason,
    )


def _find_cap(size: _Size, settings: Settings) -> int:
    caps = {step.height: step.max_bit_rate_bps for step in settings.ladder}
    if size.step is not None:
        return caps[size.step]
    lowest = settings.ladder[0]
    share = Fraction(size.pixels * 9, lowest.height**2 * 16)
    return max(_LEAST_CAP_BPS, round(lowest.max_bit_rate_bps * share))


def _list_left_out(
    rungs: dict[int, Rung], width: int, height: int, settings: Settings
) -> Iterator[LeftOut]:
    short, highest = min(width, height), settings.ladder[-1].height
    for step in settings.ladder:
        if step.height > short and not any(r >= step.height * _NEARLY for r in rungs):
            yield LeftOut(step.height, f"larger than the source, which has {short}")
    if short > highest:
        yield LeftOut(short, f"larger than the highest rung of this site, {highest}")
