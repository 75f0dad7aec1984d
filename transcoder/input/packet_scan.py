"""All packets of a source, read but not decoded: where streams end, how even pictures come, and
whether decoding can begin in the midst.

What a container declares is a claim; its packets are what is there. The times of a film of twelve
hours are some million numbers, so that they are kept in arrays.
"""

from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from numpy.typing import NDArray

from transcoder.input.clock import ClockWatch, Stay, find_shifts, forget_guess, is_content
from transcoder.input.facts import ClockChange
from transcoder.input.source import read_packets

Ticks = NDArray[np.int64]
Report = Callable[[float], None]

_REPORT_EVERY: Final = 4096
_REGULAR: Final = 0.25
_SAME_MOMENT_S: Final = Fraction(1, 1000)
_SAME_RATE: Final = Fraction(1, 100)

# Containers that have no times at which pictures are shown, only those at which they are decoded.
_DECODE_TIMES_ONLY: Final = frozenset({"avi"})

# The clock is that of picture and sound; captions and data go along.
_LEADING: Final = frozenset({"video", "audio"})
# libavformat calls it AVFMT_TS_DISCONT.
_MAY_JUMP: Final = 0x200

_MICROSECONDS: Final = 1_000_000


@dataclass(slots=True)
class Run:
    """Packets of one stream that follow on each other in one section of the source's clock, from
    packet number `first` on; `shift` brings their times to the straightened clock. `is_overlapping`
    says that one may last beyond those that come later, as captions do: what pictures are said to
    last is, where they do not lie in the order in which they are shown, meant for others."""

    section: int
    first: int
    shift: int = 0
    is_overlapping: bool = True
    times: "array[int]" = field(default_factory=lambda: array("q"))
    key_times: "array[int]" = field(default_factory=lambda: array("q"))
    _last: int = -(1 << 62)
    _end: int = -(1 << 62)
    _has_end: bool = False

    def add(self, time: int, packet: "Packet[Any]") -> None:
        duration = packet.duration or 0
        self.times.append(time)
        if packet.is_keyframe:
            self.key_times.append(time)
        if time >= self._last:
            self._last = time
            self._has_end = bool(duration)
            self._end = max(self._end if self.is_overlapping else time, time + duration)
        elif self.is_overlapping:
            self._end = max(self._end, time + duration)

    @property
    def begin(self) -> int:
        return min(self.times) + self.shift

    @property
    def end(self) -> int:
        """When the last one is over; what is last lasts as long as is usual if nobody says."""
        return self._end + self.shift + (0 if self._has_end else _usual_step(self.times))


@dataclass(slots=True)
class StreamScan:
    """The packets of one stream, in the order they lie in the file; times in ticks."""

    time_base: Fraction
    has_shown_times: bool = True
    is_picture: bool = False
    runs: list[Run] = field(default_factory=list)
    size_bytes: int = 0
    packets: int = 0
    untimed: int = 0
    stuck: int = 0
    damaged: int = 0
    encrypted: int = 0
    reached_byte: int = 0
    _last: int | None = None

    def add(self, packet: "Packet[Any]", section: int = 0) -> None:
        time = packet.pts if self.has_shown_times and packet.pts is not None else packet.dts
        self._count(packet, time)
        if time is None:
            return
        if not self.runs or self.runs[-1].section != section:
            run = Run(section, self.packets - 1, is_overlapping=not self.is_picture)
            self.runs.append(run)
        self.runs[-1].add(time, packet)

    def _count(self, packet: "Packet[Any]", time: int | None) -> None:
        self.packets += 1
        self.size_bytes += packet.size
        self.damaged += packet.is_corrupt
        self.encrypted += packet.has_sidedata("encryption_info")
        self.untimed += time is None
        self.stuck += (packet.duration or 0) if time == self._last and time is not None else 0
        self.reached_byte = max(self.reached_byte, (packet.pos or 0) + packet.size)
        self._last = time

    def shift(self, shifts: Mapping[int, Fraction]) -> None:
        """Move the runs of each section by so many seconds."""
        for run in self.runs:
            run.shift = round(shifts.get(run.section, Fraction(0)) / self.time_base)

    @property
    def times(self) -> Ticks:
        return _join([(run.times, run.shift) for run in self.runs])

    @property
    def key_times(self) -> Ticks:
        return _join([(run.key_times, run.shift) for run in self.runs])

    @property
    def start_s(self) -> Fraction:
        return min((run.begin for run in self.runs), default=0) * self.time_base

    @property
    def end_s(self) -> Fraction:
        return self._end * self.time_base

    @property
    def stuck_s(self) -> Fraction:
        """What lasts on paper and yet is shown at the same moment as what came before it."""
        return self.stuck * self.time_base

    @property
    def bit_rate_bps(self) -> int | None:
        lasts_s = self.end_s - self.start_s
        return round(self.size_bytes * 8 / lasts_s) if lasts_s > 0 else None

    @property
    def longest_group_s(self) -> Fraction:
        """The longest way from one key frame to the next, or to the end."""
        keys = np.unique(self.key_times)
        if not len(keys):
            return self.end_s - self.start_s
        return int(np.diff(np.append(keys, self._end)).max()) * self.time_base

    @property
    def _end(self) -> int:
        return max((run.end for run in self.runs), default=0)

    def is_well_timed(self) -> bool:
        """Whether every packet has a time at which it is shown, and no two the same."""
        times = self.times
        return self.has_shown_times and not self.untimed and len(np.unique(times)) == len(times)

    def measure_rate(self, declared: Fraction | None) -> Fraction | None:
        return measure_frame_rate(self.times, self.time_base, declared)

    def list_stays(self) -> list[Stay]:
        base = self.time_base
        return [Stay(run.section, run.begin * base, run.end * base) for run in self.runs]


def _usual_step(times: "array[int]") -> int:
    steps = np.diff(np.unique(np.asarray(times, np.int64)))
    return int(np.median(steps)) if len(steps) else 0


def _join(parts: Sequence[tuple["array[int]", int]]) -> Ticks:
    shifted = [np.asarray(times, np.int64) + shift for times, shift in parts]
    return np.concatenate(shifted) if shifted else np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Scan:
    """All streams that were scanned, by their numbers, on the source's straightened clock; `clock`
    is how that came about."""

    streams: Mapping[int, StreamScan]
    clock: tuple[ClockChange, ...]


def scan_packets(
    container: InputContainer, streams: Iterable[Stream], *, size_bytes: int, report: Report
) -> Scan:
    """Read all packets of some streams. `report` is told how much of the file is read."""
    has_shown_times = container.format.name not in _DECODE_TIMES_ONLY
    chosen = list(streams)
    led = frozenset(stream.index for stream in chosen if stream.type in _LEADING)
    scans = {
        s.index: StreamScan(s.time_base or Fraction(1), has_shown_times, s.type == "video")
        for s in chosen
    }
    may_jump = bool(container.format.flags & _MAY_JUMP)
    watch = ClockWatch(may_jump=may_jump)
    for number, packet in enumerate(read_packets(container, chosen)):
        if is_content(packet):
            stream = packet.stream_index
            scan = scans[stream]
            if may_jump:
                forget_guess(packet)
            at = _tell_time(packet.dts, scan.time_base)
            scan.add(packet, watch.place(stream, at, is_heard_or_seen=stream in led))
        if number % _REPORT_EVERY == 0 and packet.pos:
            report(min(1.0, packet.pos / max(1, size_bytes)))
    return _straighten(scans, led)


def _tell_time(ticks: int | None, time_base: Fraction) -> int | None:
    if ticks is None:
        return None
    return ticks * time_base.numerator * _MICROSECONDS // time_base.denominator


def _straighten(scans: Mapping[int, StreamScan], led: Container[int]) -> Scan:
    shifts = find_shifts(scan.list_stays() for number, scan in scans.items() if number in led)
    for scan in scans.values():
        scan.shift(shifts)
    return Scan(scans, tuple(_list_changes(scans)))


def _list_changes(scans: Mapping[int, StreamScan]) -> Iterator[ClockChange]:
    for number, scan in scans.items():
        shift = 0
        for run in scan.runs:
            if run.shift != shift:
                shift = run.shift
                yield ClockChange(number, run.first, shift)


def measure_frame_rate(
    times: Ticks, time_base: Fraction, declared: Fraction | None
) -> Fraction | None:
    """Frames a second from when pictures are shown, in any order; None for fewer than two.

    Pauses (a still screen) and doubled pictures are left out, also those that a container has set
    a tick apart: neither the mean nor what the container declares can be trusted where the rate
    varies. Where they agree within rounding, the declared rate is the exact one.
    """
    moments = np.unique(times)
    is_apart = np.diff(moments) > int(_SAME_MOMENT_S / time_base)
    if is_apart.any():
        moments = moments[np.append(True, is_apart)]
    steps = np.diff(moments)
    if not len(steps):
        return None
    usual = np.sort(steps)[(len(steps) - 1) // 2]
    regular = steps[np.abs(steps - usual) <= usual * _REGULAR]
    rate = len(regular) / (int(regular.sum()) * time_base)
    if declared and abs(declared / rate - 1) <= _SAME_RATE:
        return declared
    return rate
