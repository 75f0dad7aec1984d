"""The clock of a source, made straight.

What is recorded in parts, or put together of several files, has a clock that begins anew or jumps.
Such a source is cut into sections, in each of which the clock goes on evenly, and each section is
moved so far that it follows on the one before. All streams have that in common: sound and picture
of a section keep step. Packets are judged in the order in which they lie in the file, by the times
at which they are to be decoded; where one stream only has a hole, its clock has not jumped.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from av.packet import Packet

from transcoder.errors import SourceCorrupt
from transcoder.input.facts import ClockChange

Ticks = int
"""Microseconds on the source's own clock."""

_SECOND: Final = 1_000_000

# As FFmpeg's own program has it, of formats whose clock may jump: so far back is a jump, and so far
# ahead of all streams. In others nothing is too far ahead, and not all times are those of decoding.
_BACK: Final = _SECOND // 10
_AHEAD: Final = 10 * _SECOND
_BACK_ELSEWHERE: Final = _SECOND
_AHEAD_ELSEWHERE: Final = 1 << 62

# How far streams may be from each other that have just come to the same section.
_NEAR: Final = 10 * _SECOND

# A picture is shown when it is decoded, or at most so much later.
_MOST_EARLY_S: Final = Fraction(1, 10)
_MOST_LATE_S: Final = 10

_MOST_SECTIONS: Final = 1000


class ClockWatch:
    """Tells which section each packet belongs to; `may_jump` says that the format provides for
    jumps, as those of television do."""

    def __init__(self, *, may_jump: bool) -> None:
        self._back = _BACK if may_jump else _BACK_ELSEWHERE
        self._ahead = _AHEAD if may_jump else _AHEAD_ELSEWHERE
        self._latest: list[Ticks] = []
        # of each stream its last two packets: where one is far off, the next goes on from the other
        self._recent: dict[int, tuple[tuple[int, Ticks], ...]] = {}

    def place(self, stream: int, at: Ticks | None, *, is_heard_or_seen: bool = True) -> int:
        """The section of a stream's next packet. Captions and data come with any time, so that
        they never begin one. Raises `SourceCorrupt` when there are too many."""
        recent = self._recent.get(stream, ())
        present = recent[0][0] if recent else max(0, len(self._latest) - 1)
        if at is None:
            return present
        section = self._find(recent, at) if self._latest else None
        if section is None:
            if not is_heard_or_seen:
                return present
            section = self._begin(at)
        if is_heard_or_seen:
            self._latest[section] = max(self._latest[section], at)
        self._recent[stream] = ((section, at), *recent[:1])
        return section

    def _find(self, recent: Sequence[tuple[int, Ticks]], at: Ticks) -> int | None:
        if recent and 0 <= at - recent[0][1] <= self._back:
            return recent[0][0]
        fitting = [
            (abs(at - last), section)
            for (section, last), back in zip(recent, (self._back, -1), strict=False)
            if last - back <= at <= self._latest[section] + self._ahead
        ]
        if fitting:
            return min(fitting)[1]
        if not recent:
            return len(self._latest) - 1
        later = range(recent[0][0] + 1, len(self._latest))
        return next((s for s in later if abs(at - self._latest[s]) <= _NEAR), None)

    def _begin(self, at: Ticks) -> int:
        if len(self._latest) == _MOST_SECTIONS:
            raise SourceCorrupt(f"the clock jumps more than {_MOST_SECTIONS} times")
        self._latest.append(at)
        return len(self._latest) - 1


@dataclass(frozen=True, slots=True)
class Stay:
    """A stream's packets that follow on each other in one section: when they are shown."""

    section: int
    begins_s: Fraction
    ends_s: Fraction


def find_shifts(streams: Iterable[Sequence[Stay]]) -> dict[int, Fraction]:
    """By how many seconds the times of each section have to be later, so that no stream that goes
    on in it overlaps what it had before. Each stream's stays are in the order of the file."""
    gaps: dict[int, list[tuple[int, Fraction]]] = {}
    for stays in streams:
        ends: dict[int, Fraction] = {}
        for stay, following in pairwise(stays):
            ends[stay.section] = max(stay.ends_s, ends.get(stay.section, stay.ends_s))
            if following.section not in ends:
                gap_s = ends[stay.section] - following.begins_s
                gaps.setdefault(following.section, []).append((stay.section, gap_s))
    shifts = {0: Fraction(0)}
    for section, found in sorted(gaps.items()):
        shifts[section] = max(shifts.get(before, Fraction(0)) + gap_s for before, gap_s in found)
    return shifts


def straighten(
    packets: Iterable["Packet[Any]"], changes: Sequence[ClockChange]
) -> Iterator["Packet[Any]"]:
    """The packets of a source, read from its beginning, with times on its straightened clock."""
    counts: dict[int, int] = {}
    shifts: dict[int, int] = {}
    starts: Mapping[tuple[int, int], int] = {(c.stream, c.packet): c.shift for c in changes}
    for packet in packets:
        if is_content(packet):
            forget_guess(packet)
            stream = packet.stream_index
            count = counts[stream] = counts.get(stream, -1) + 1
            shift = shifts[stream] = starts.get((stream, count), shifts.get(stream, 0))
            _move(packet, shift)
        yield packet


def forget_guess(packet: "Packet[Any]") -> None:
    """Where a stream does not say when its last picture before a jump is shown, FFmpeg takes the
    moment at which the next one is decoded."""
    if packet.pts is None or packet.dts is None:
        return
    wait_s = (packet.pts - packet.dts) * packet.time_base
    if not -_MOST_EARLY_S <= wait_s <= _MOST_LATE_S:
        packet.pts = None


def _move(packet: "Packet[Any]", shift: int) -> None:
    if packet.pts is not None:
        packet.pts += shift
    if packet.dts is not None:
        packet.dts += shift


def is_content(packet: "Packet[Any]") -> bool:
    """Whether a packet counts: FFmpeg ends with an empty one for each stream, and what it has
    discarded is never shown."""
    return packet.size > 0 and not packet.is_discard
