"""How a film's work is cut into chunks that are encoded apart: pure.

Cuts lie on the grid of segments, so that what is encoded apart is put together by naming it. A
short film is one chunk. Of a longer one the sound is a chunk, and each minute of the picture is
two: the lowest rung, which comes first so that there is soon something to play, and the others. A
source in which no place can be sought has to be decoded from its beginning for each chunk: it is
cut in three at most, so that little is decoded in vain.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Final

from shared.asset import FIRST_SEGMENT
from shared.jobs import MAX_CHUNKS
from transcoder.planning.ladder import GROUPS_PER_SEGMENT, Rung
from transcoder.planning.plan import Plan
from transcoder.settings import Settings

# About a minute; a film of up to a minute and a half is not cut.
_SEGMENTS: Final = Settings().chunk_segments
_WHOLE_CHUNKS: Final = 1.5
# A chunk of the lowest rung comes with one of the others, and the sound is one by itself.
_MOST_CUTS: Final = MAX_CHUNKS // 2 - 1
# Decoding is a fifth of the work: with three chunks, one fifth more is done than needs be.
_UNSOUGHT_CHUNKS: Final = 3


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk to be encoded: rungs by their heights, the lowest first, over the segments from
    number `first` up to, but not with, `end`; or sound, the whole of it; or both."""

    number: int
    heights: tuple[int, ...] = ()
    first: int = FIRST_SEGMENT
    end: int = FIRST_SEGMENT
    has_sound: bool = False
    is_low: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A rung's part of a chunk: `frames` pictures, from the beginning of a segment on."""

    rung: Rung
    first_segment: int
    frames: int

    @property
    def first_frame(self) -> int:
        return (self.first_segment - FIRST_SEGMENT) * _frames_per_segment(self.rung)


def cut_chunks(plan: Plan, segments: int = _SEGMENTS) -> tuple[Chunk, ...]:
    """The chunks of a film, of about so many segments each, numbered from 1 in the order in which
    they are best encoded."""
    is_short = _count_segments(plan) <= _WHOLE_CHUNKS * segments
    chunks = _cut_whole(plan) if is_short else _cut_long(plan, segments)
    return tuple(replace(chunk, number=number) for number, chunk in enumerate(chunks, start=1))


def list_stretches(plan: Plan, chunk: Chunk) -> tuple[Stretch, ...]:
    """What a chunk is of each of its rungs."""
    return tuple(
        _cut_rung(plan, rung, chunk) for rung in plan.rungs if rung.height in chunk.heights
    )


def _cut_rung(plan: Plan, rung: Rung, chunk: Chunk) -> Stretch:
    stretch = Stretch(rung, chunk.first, 0)
    end = (chunk.end - FIRST_SEGMENT) * _frames_per_segment(rung)
    return replace(stretch, frames=min(end, plan.frames_of(rung)) - stretch.first_frame)


def _frames_per_segment(rung: Rung) -> int:
    return rung.group_frames * GROUPS_PER_SEGMENT


def _count_segments(plan: Plan) -> int:
    """How many segments each rung has."""
    return ceil(plan.frames / _frames_per_segment(plan.rungs[-1])) if plan.rungs else 0


def _cut_whole(plan: Plan) -> Iterator[Chunk]:
    yield Chunk(
        number=0,
        heights=tuple(rung.height for rung in plan.rungs),
        end=FIRST_SEGMENT + _count_segments(plan),
        has_sound=bool(plan.facts.audio),
        is_low=True,
    )


def _cut_long(plan: Plan, segments: int) -> Iterator[Chunk]:
    low, *others = (rung.height for rung in plan.rungs)
    if plan.facts.audio:
        yield Chunk(0, has_sound=True, is_low=True)
    if not plan.facts.is_seekable:
        yield from _cut_evenly(plan, (low, *others), segments, most=_UNSOUGHT_CHUNKS)
        return
    for chunk in _cut_evenly(plan, (low,), segments):
        yield replace(chunk, is_low=True)
    if others:
        yield from _cut_evenly(plan, tuple(others), segments)


def _cut_evenly(
    plan: Plan, heights: tuple[int, ...], segments: int, *, most: int = _MOST_CUTS
) -> Iterator[Chunk]:
    """Chunks that differ by a segment at most: all workers end at about the same time."""
    all_segments = _count_segments(plan)
    count = min(round(all_segments / segments), most)
    cuts = [FIRST_SEGMENT + all_segments * number // count for number in range(count + 1)]
    for first, end in pairwise(cuts):
        yield Chunk(0, heights, first, end)
