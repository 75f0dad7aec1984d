"""From decoded pictures to the pictures of each rung, one for each moment of an even time grid.

The grid is the film's: which picture stands at a moment does not depend on where decoding began,
so that parts of a film that are made apart are what they were in one go. A picture that stands
for many moments is scaled once.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Final

from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from transcoder.input.facts import Scan, VideoFacts
from transcoder.picture.deinterlacer import Deinterlacer
from transcoder.picture.filters import Form
from transcoder.picture.scaler import Scaler, scale_further, scale_source
from transcoder.planning.ladder import Rung

# Colour matrices by their numbers in ITU-T H.273, as FFmpeg has them too.
_RGB: Final = 0
_BT709: Final = 1
_UNSPECIFIED: Final = 2
_BT601: Final = 6
_HD_SIDE_PX: Final = 720

# A source that changes its form to and fro need not have everything built anew each time.
_KEPT_FORMS: Final = 3


@dataclass(frozen=True, slots=True)
class _Tier:
    """Rungs that have a picture at every `step`th moment, by their numbers, the highest first."""

    step: int
    numbers: tuple[int, ...]


class Pictures:
    """Pictures in, pictures of every rung out. `rungs` begin with the lowest.

    Made are the pictures from `start_s` on, and as many as there are until `until_s` if that is
    given, as long as there is one at all. Both lie on the grid of every rung.
    """

    def __init__(
        self,
        rungs: Sequence[Rung],
        facts: VideoFacts,
        *,
        start_s: Fraction = Fraction(0),
        until_s: Fraction | None = None,
    ) -> None:
        self._rungs = rungs
        self._facts = facts
        self._rate = max(rung.frame_rate for rung in rungs)
        self._tiers = _make_tiers(rungs, self._rate)
        self._begin = self._next = floor(start_s * self._rate)
        self._until = None if until_s is None else floor(until_s * self._rate)
        self._standing: tuple[VideoFrame, Form] | None = None
        self._stands_from = 0
        self._stands_until = 0
        self._scalers: OrderedDict[tuple[Form, _Tier], Scaler] = OrderedDict()
        self._fields = None if facts.scan is Scan.PROGRESSIVE else Deinterlacer(facts.scan)

    def push(
        self, frame: VideoFrame, pixel_aspect: Fraction | None = None
    ) -> Iterator[tuple[int, VideoFrame]]:
        """Yield (number of the rung, its picture) for all that `frame` makes ready. Its `pts`
        counts from the film's beginning; how long the last one stands is its `duration`. Its pixels
        have the shape of the film's unless another one is said."""
        form = form_of(frame, pixel_aspect or self._facts.pixel_aspect)
        if self._fields is None:
            yield from self._place(frame, form)
            return
        for picture, made_from in self._fields.push(frame, form):
            yield from self._place(picture, form_of(picture, made_from.pixel_aspect))

    def finish(self) -> Iterator[tuple[int, VideoFrame]]:
        """Yield what is left; the last picture stands until the end, if that is known."""
        if self._fields is not None:
            for picture, made_from in self._fields.finish():
                yield from self._place(picture, form_of(picture, made_from.pixel_aspect))
        if self._standing is not None:
            until = max(self._stands_until, self._begin + 1) if self._until is None else self._until
            yield from self._show(*self._standing, until)

    def _place(self, frame: VideoFrame, form: Form) -> Iterator[tuple[int, VideoFrame]]:
        """Put a picture on the grid: of several at one moment, the last one is shown."""
        time_base = frame.time_base or Fraction(1, 1000)
        shown_s = (frame.pts or 0) * time_base
        moment = self._find_moment(shown_s)
        if self._standing is not None:
            if moment < self._stands_from:
                return
            yield from self._show(*self._standing, moment)
        lasts_s = frame.duration * time_base if frame.duration > 0 else 1 / self._rate
        self._standing, self._stands_from = (frame, form), moment
        self._stands_until = self._find_moment(shown_s + lasts_s)

    def _find_moment(self, shown_s: Fraction) -> int:
        return floor(shown_s * self._rate + Fraction(1, 2))

    def _show(self, frame: VideoFrame, form: Form, until: int) -> Iterator[tuple[int, VideoFrame]]:
        """Hand a picture out for all moments before `until`, to all rungs in turn: it may have to
        stand for minutes, and in front of a rung that is left behind pictures would pile up."""
        begin, self._next = self._next, max(self._next, self._limit(until))
        moments = range(begin, self._next)
        pictures = self._scale(frame, form, moments)
        for moment in moments:
            for number, (step, picture) in pictures.items():
                if moment % step == 0:
                    yield number, picture

    def _limit(self, moment: int) -> int:
        return moment if self._until is None else min(moment, self._until)

    def _scale(
        self, frame: VideoFrame, form: Form, moments: range
    ) -> dict[int, tuple[int, VideoFrame]]:
        """The pictures of the rungs that show this one at some moment, with their steps; each
        tier's are made from the lowest of the tier above."""
        pictures: dict[int, tuple[int, VideoFrame]] = {}
        for tier in self._tiers:
            if all(moment % tier.step for moment in moments[: tier.step]):
                break
            scaled = self._choose_scaler(form, tier).scale(frame)
            pictures |= zip(tier.numbers, ((tier.step, p) for p in scaled), strict=True)
            frame, form = scaled[-1], form_of(scaled[-1])
        return dict(sorted(pictures.items()))

    def _choose_scaler(self, form: Form, tier: _Tier) -> Scaler:
        """The scaler for pictures of this form, the present one's if it has not changed."""
        key = (form, tier)
        if key not in self._scalers:
            rungs = [self._rungs[number] for number in tier.numbers]
            is_source = tier is self._tiers[0]
            self._scalers[key] = (
                scale_source(form, self._facts, rungs) if is_source else scale_further(form, rungs)
            )
        self._scalers.move_to_end(key)
        while len(self._scalers) > _KEPT_FORMS + len(self._tiers):
            self._scalers.popitem(last=False)
        return self._scalers[key]


def _make_tiers(rungs: Sequence[Rung], rate: Fraction) -> tuple[_Tier, ...]:
    steps = sorted({int(rate / rung.frame_rate) for rung in rungs})
    return tuple(
        _Tier(
            step,
            tuple(n for n in reversed(range(len(rungs))) if rungs[n].frame_rate * step == rate),
        )
        for step in steps
    )


def form_of(frame: VideoFrame, pixel_aspect: Fraction = Fraction(1)) -> Form:
    """Where the source does not say how its colours are meant: as HDTV has them from 720 lines,
    as television has them below."""
    if frame.format.is_rgb:
        matrix, is_full = _RGB, True
    else:
        guess = _BT709 if min(frame.width, frame.height) >= _HD_SIDE_PX else _BT601
        matrix = guess if frame.colorspace == _UNSPECIFIED else frame.colorspace
        is_full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return Form(
        width=frame.width,
        height=frame.height,
        pixels=frame.format.name,
        matrix=matrix,
        is_full_range=is_full,
        primaries=frame.color_primaries,
        transfer=frame.color_trc,
        pixel_aspect=pixel_aspect,
    )
