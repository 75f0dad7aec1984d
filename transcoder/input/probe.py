"""What a source holds, measured: the facts that a film is planned from, or why there is no film."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import BinaryIO, Final

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.stream import Stream

from transcoder.errors import SourceCorrupt, SourceTooLong, SourceTruncated
from transcoder.input.content import Content, list_content
from transcoder.input.facts import ClockChange, SourceFacts
from transcoder.input.leftovers import check_rest
from transcoder.input.measuring import Measuring
from transcoder.input.packet_scan import Report, StreamScan, scan_packets
from transcoder.input.source import check_bytes, decode_packet, open_source, read_packets
from transcoder.settings import Settings

_DECLARE_DURATION: Final = frozenset({"mov", "matroska", "avi", "asf", "flv", "wav"})
_PROBED_PACKETS: Final = 1200
_MICROSECOND: Final = Fraction(1, 1_000_000)

# What may be missing of what the file declares.
_MISSING_S: Final = Fraction(1, 2)
_MISSING_SHARE: Final = Fraction(1, 20)
# A file that is cut off is read up to its end.
_READ_SHARE: Final = 0.9


def _tell_nobody(_: float) -> None:
    pass


def probe_source(
    file: BinaryIO, settings: Settings, *, report: Report = _tell_nobody
) -> SourceFacts:
    """Measure a source; raises one of the `Source...` errors when it cannot become an asset.

    All of it is read, which takes as long as the disk needs; `report` is told how far it is.
    """
    size_bytes = check_bytes(file, settings)
    with open_source(file, settings) as container:
        content = list_content(container, settings)
        scan = scan_packets(container, content.streams, size_bytes=size_bytes, report=report)
        _check_ends(container, scan.streams, size_bytes, settings)
        _check_moments(content, scan.streams)
        name = container.format.name.split(",")[0]
        check_rest(file, name, content, scan.streams, settings)
    with open_source(file, settings) as container:
        streams = [container.streams[number] for number in content.audio]
        beginnings = _hear_beginnings(container, streams, scan.clock)
    with open_source(file, settings) as container:
        return Measuring(container, content, scan, beginnings, size_bytes).measure()


def _check_ends(
    container: InputContainer,
    scans: Mapping[int, StreamScan],
    size_bytes: int,
    settings: Settings,
) -> None:
    """Compare what is there with what the file declares, and with what is accepted."""
    timed = [scan for scan in scans.values() if scan.runs]
    start_s = min((scan.start_s for scan in timed), default=Fraction(0))
    end_s = max((scan.end_s for scan in timed), default=Fraction(0))
    declared_s = Fraction(0)
    if container.format.name.split(",")[0] in _DECLARE_DURATION:
        declared_s = max(0, container.duration or 0) * _MICROSECOND
    if declared_s > settings.max_duration_s:
        raise SourceTooLong(f"{float(declared_s):.0f} s, at most {settings.max_duration_s} s")
    if end_s - start_s > settings.max_duration_s:
        if declared_s:
            raise SourceCorrupt(f"times up to {float(end_s):.0f} s in {float(declared_s):.0f} s")
        raise SourceTooLong(f"{float(end_s - start_s):.0f} s, at most {settings.max_duration_s} s")
    # some count from the film's beginning and some from 0, wherever the film begins
    reached_s = max(end_s, end_s - start_s)
    if declared_s - reached_s > max(_MISSING_S, declared_s * _MISSING_SHARE):
        detail = f"{float(reached_s):.1f} s of {float(declared_s):.1f} s are there"
        reached_byte = max(scan.reached_byte for scan in scans.values())
        if reached_byte < size_bytes * _READ_SHARE:
            raise SourceCorrupt(f"{detail}, nothing after byte {reached_byte} can be read")
        raise SourceTruncated(detail)


def _check_moments(content: Content, scans: Mapping[int, StreamScan]) -> None:
    """Whether what is there has moments at which it is shown, one after the other."""
    used = {content.video, *content.audio}
    for number, scan in scans.items():
        if number in used and scan.stuck_s > max(
            _MISSING_S, (scan.end_s - scan.start_s) * _MISSING_SHARE
        ):
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
