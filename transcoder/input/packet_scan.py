"""All packets of a source, read but not decoded: where streams end, how even pictures come, and
whether decoding can begin in the midst.

What a container declares is a claim; its packets are what is there. The times of a film of twelve
hours are some million numbers, so that they are kept in arrays.
"""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from numpy.typing import NDArray

from transcoder.input.source import read_packets

Ticks = NDArray[np.int64]
Report = Callable[[float], None]

_REPORT_EVERY: Final = 4096
_REGULAR: Final = 0.25
_SAME_RATE: Final = Fraction(1, 100)

# Containers that have no times at which pictures are shown, only those at which they are decoded.
_DECODE_TIMES_ONLY: Final = frozenset({"avi"})


@dataclass(slots=True)
class StreamScan:
    """The packets of one stream, in the order they lie in the file; times in ticks."""

    time_base: Fraction
    has_shown_times: bool = True
    times: "array[int]" = field(default_factory=lambda: array("q"))
    key_times: "array[int]" = field(default_factory=lambda: array("q"))
    size_bytes: int = 0
    packets: int = 0
    untimed: int = 0
    damaged: int = 0
    reached_byte: int = 0
    _last: int = -(1 << 62)
    _end: int = -(1 << 62)
    _has_end: bool = False

    def add(self, packet: "Packet[Any]") -> None:
        self.packets += 1
        self.size_bytes += packet.size
        self.damaged += packet.is_corrupt
        self.reached_byte = max(self.reached_byte, (packet.pos or 0) + packet.size)
        time = packet.pts if self.has_shown_times and packet.pts is not None else packet.dts
        if time is None:
            self.untimed += 1
            return
        self.times.append(time)
        if packet.is_keyframe:
            self.key_times.append(time)
        if time >= self._last:
            self._last = time
            self._has_end = bool(packet.duration)
        self._end = max(self._end, time + (packet.duration or 0))

    @property
    def start_s(self) -> Fraction:
        return min(self.times, default=0) * self.time_base

    @property
    def end_s(self) -> Fraction:
        """When the last one is over; what is last lasts as long as is usual if nobody says."""
        if not self.times:
            return Fraction(0)
        return (self._end + (0 if self._has_end else self._usual_step())) * self.time_base

    @property
    def bit_rate_bps(self) -> int | None:
        lasts_s = self.end_s - self.start_s
        return round(self.size_bytes * 8 / lasts_s) if lasts_s > 0 else None

    @property
    def longest_group_s(self) -> Fraction:
        """The longest way from one key frame to the next, or to the end."""
        keys = np.unique(np.asarray(self.key_times, np.int64))
        if not len(keys):
            return self.end_s - self.start_s
        steps = np.diff(np.append(keys, self._end))
        return int(steps.max()) * self.time_base

    def is_well_timed(self) -> bool:
        """Whether every packet has a time at which it is shown, and no two the same."""
        times = np.asarray(self.times, np.int64)
        return self.has_shown_times and not self.untimed and len(np.unique(times)) == len(times)

    def measure_rate(self, declared: Fraction | None) -> Fraction | None:
        return measure_frame_rate(np.asarray(self.times, np.int64), self.time_base, declared)

    def _usual_step(self) -> int:
        steps = np.diff(np.unique(np.asarray(self.times, np.int64)))
        return int(np.median(steps)) if len(steps) else 0


def scan_packets(
    container: InputContainer, streams: Iterable[Stream], *, size_bytes: int, report: Report
) -> dict[int, StreamScan]:
    """Read all packets of some streams. `report` is told how much of the file is read."""
    has_shown_times = container.format.name not in _DECODE_TIMES_ONLY
    chosen = list(streams)
    scans = {s.index: StreamScan(s.time_base or Fraction(1), has_shown_times) for s in chosen}
    for number, packet in enumerate(read_packets(container, chosen)):
        # FFmpeg ends with an empty packet for each stream; discarded ones are never shown
        if packet.size and not packet.is_discard:
            scans[packet.stream_index].add(packet)
        if number % _REPORT_EVERY == 0 and packet.pos:
            report(min(1.0, packet.pos / max(1, size_bytes)))
    return scans


def measure_frame_rate(
    times: Ticks, time_base: Fraction, declared: Fraction | None
) -> Fraction | None:
    """Frames a second from when pictures are shown, in any order; None for fewer than two.

    Pauses (a still screen) and doubled pictures are left out: neither the mean nor what the
    container declares can be trusted where the rate varies. Where they agree within rounding,
    the declared rate is the exact one.
    """
    steps = np.diff(np.unique(times))
    if not len(steps):
        return None
    usual = np.sort(steps)[(len(steps) - 1) // 2]
    regular = steps[np.abs(steps - usual) <= usual * _REGULAR]
    rate = len(regular) / (int(regular.sum()) * time_base)
    if declared and abs(declared / rate - 1) <= _SAME_RATE:
        return declared
    return rate
