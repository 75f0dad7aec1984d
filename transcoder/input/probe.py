"""What a source holds, measured: the facts that a film is planned from, or why there is no film."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import BinaryIO, Final

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.stream import Stream

from transcoder.errors import SourceCorrupt, SourceTooLong, SourceTruncated
from transcoder.input.content import list_content
from transcoder.input.facts import ClockChange, SourceFacts
from transcoder.input.leftovers import check_rest, tell_unread
from transcoder.input.measuring import Measuring
from transcoder.input.packet_scan import Report, StreamScan, scan_packets
from transcoder.input.programmes import read_programmes
from transcoder.input.protection import check_protection
from transcoder.input.source import (
    check_bytes,
    decode_packet,
    name_container,
    open_source,
    read_packets,
)
from transcoder.settings import Settings

_DECLARE_DURATION: Final = frozenset({"mov", "matroska", "avi", "asf", "flv", "wav", "flac"})
_PROBED_PACKETS: Final = 1200
_MICROSECOND: Final = Fraction(1, 1_000_000)

# What may be missing of what the file declares.
_MISSING_S: Final = Fraction(1, 2)
_MISSING_SHARE: Final = Fraction(1, 20)
# A file that is cut off is read up to its end.
_READ_SHARE: Final = 0.9

Scans = Mapping[int, StreamScan]


def _tell_nobody(_: float) -> None:
    pass


def probe_source(
    file: BinaryIO, settings: Settings, *, report: Report = _tell_nobody
) -> SourceFacts:
    """Measure a source; raises one of the `Source...` errors when it cannot become an asset.

    All of it is read, which takes as long as the disk needs; `report` is told how far it is.
    """
    size_bytes = check_bytes(file, settings)
    programmes = read_programmes(file)
    with open_source(file, settings) as container:
        content = list_content(container, settings, programmes)
        scan = scan_packets(container, content.streams, size_bytes=size_bytes, report=report)
        used = [container.streams[number] for number in content.shown]
        check_protection(file, used, scan.streams)
        shown = {number: scan.streams[number] for number in content.shown}
        declared_s = _read_declared_duration(container)
        _check_length(shown, declared_s, settings)
        _check_ends(scan.streams, declared_s, size_bytes)
        _check_moments(shown)
        name = name_container(container)
        check_rest(file, name, content, scan.streams, settings)
        unread = tuple(tell_unread(file, name, scan.streams, declared_s))
    with open_source(file, settings) as container:
        streams = [container.streams[number] for number in content.audio]
        beginnings = _hear_beginnings(container, streams, scan.clock)
    with open_source(file, settings) as container:
        facts = Measuring(container, content, scan, beginnings, size_bytes).measure()
        return replace(facts, warnings=facts.warnings + unread)


def _read_declared_duration(container: InputContainer) -> Fraction:
    """How long a source says that it is; 0 where it does not say."""
    if name_container(container) not in _DECLARE_DURATION:
        return Fraction(0)
    return max(0, container.duration or 0) * _MICROSECOND


def _check_length(shown: Scans, declared_s: Fraction, settings: Settings) -> None:
    """Compare how long there is picture and sound with what is accepted; captions may be meant
    for a longer film."""
    start_s, end_s = _span(shown)
    if end_s - start_s <= settings.max_duration_s:
        return
    if 0 < declared_s <= settings.max_duration_s:
        raise SourceCorrupt(f"times up to {float(end_s):.0f} s in {float(declared_s):.0f} s")
    raise SourceTooLong(f"{float(end_s - start_s):.0f} s, at most {settings.max_duration_s} s")


def _span(scans: Scans) -> tuple[Fraction, Fraction]:
    """When the first begins, and when the last is over."""
    timed = [scan for scan in scans.values() if scan.runs]
    start_s = min((scan.start_s for scan in timed), default=Fraction(0))
    return start_s, max((scan.end_s for scan in timed), default=Fraction(0))


def _check_ends(scans: Scans, declared_s: Fraction, size_bytes: int) -> None:
    """Compare what is there with what the file declares."""
    start_s, end_s = _span(scans)
    # some count from the film's beginning and some from 0, wherever the film begins
    reached_s = max(end_s, end_s - start_s)
    if declared_s - reached_s > max(_MISSING_S, declared_s * _MISSING_SHARE):
        detail = f"{float(reached_s):.1f} s of {float(declared_s):.1f} s are there"
        reached_byte = max(scan.reached_byte for scan in scans.values())
        if reached_byte < size_bytes * _READ_SHARE:
            raise SourceCorrupt(f"{detail}, nothing after byte {reached_byte} can be read")
        raise SourceTruncated(detail)


def _check_moments(shown: Scans) -> None:
    """Whether what is there has moments at which it is shown, one after the other."""
    for number, scan in shown.items():
        if scan.stuck_s > max(_MISSING_S, (scan.end_s - scan.start_s) * _MISSING_SHARE):
            raise SourceCorrupt(f"{float(scan.stuck_s):.1f} s of stream {number} have no moment")


def _hear_beginnings(
    container: InputContainer, streams: Sequence[Stream], clock: Sequence[ClockChange]
) -> dict[int, AudioFrame]:
    """The first frame of each stream of sound that begins where the film does."""
    beginnings: dict[int, AudioFrame] = {}
    if not streams:
        return beginnings
    for packet in islice(read_packets(container, streams, clock), _PROBED_PACKETS):
        if packet.stream_index not in beginnings:
            for frame in (decode_packet(packet) or [])[:1]:
                beginnings[packet.stream_index] = frame
        if len(beginnings) == len(streams):
            break
    return beginnings
