"""What lies behind that part of a source which FFmpeg reads.

Of files that were put together it reads, in most containers, only the first, and says nothing.
"""

import io
import re
from collections.abc import Mapping, Sequence
from typing import BinaryIO, Final

from av.stream import Stream

from transcoder.errors import SourceJoined, SourceUnsupported
from transcoder.input.packet_scan import StreamScan
from transcoder.input.source import open_source
from transcoder.settings import Settings

# How a file of a container begins.
_BEGINNINGS: Final = {
    "flv": re.compile(rb"FLV\x01[\0-\x05]\0{3}\x09"),
    "ogg": re.compile(rb"OggS\0\x02"),
    "asf": re.compile(re.escape(bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"))),
    "wav": re.compile(rb"RIFF.{4}WAVE", re.DOTALL),
    "aiff": re.compile(rb"FORM.{4}AIF[FC]", re.DOTALL),
}

# Where streams have numbers of their own that another maker chooses otherwise.
_NUMBERED: Final = "mpegts"
_SHOWN_OR_HEARD: Final = ("video", "audio")

# A stream that ends sooner than that may go on under another number.
_READ_SHARE: Final = 0.9
_LOOK_BYTES: Final = 16_000_000


def check_rest(
    file: BinaryIO,
    container: str,
    streams: Sequence[Stream],
    scans: Mapping[int, StreamScan],
    settings: Settings,
) -> None:
    """Raise `SourceJoined` when a further film lies behind what was scanned of `streams`."""
    size_bytes = file.seek(0, io.SEEK_END)
    if container == _NUMBERED:
        read_to = min(_list_ends(streams, scans), default=size_bytes)
        if read_to < size_bytes * _READ_SHARE:
            numbers = {stream.id for stream in streams}
            _check_numbers(_look(file, read_to), numbers, settings)
    elif container in _BEGINNINGS:
        read_to = max((scan.reached_byte for scan in scans.values()), default=size_bytes)
        if found := _BEGINNINGS[container].search(_look(file, read_to)):
            raise SourceJoined(f"another film begins at byte {read_to + found.start()}")


def _list_ends(streams: Sequence[Stream], scans: Mapping[int, StreamScan]) -> list[int]:
    """Up to which byte there is picture, and sound of any track."""
    ends: dict[str, int] = {}
    for stream in streams:
        if stream.type in _SHOWN_OR_HEARD and scans[stream.index].packets:
            end = scans[stream.index].reached_byte
            ends[stream.type] = max(end, ends.get(stream.type, 0))
    return list(ends.values())


def _look(file: BinaryIO, begin: int) -> bytes:
    file.seek(begin)
    return file.read(_LOOK_BYTES)


def _check_numbers(rest: bytes, numbers: set[int], settings: Settings) -> None:
    try:
        with open_source(io.BytesIO(rest), settings) as container:
            found = {s.id for s in container.streams if s.type in _SHOWN_OR_HEARD}
    except SourceUnsupported:
        return
    if found - numbers:
        names = ", ".join(hex(number) for number in sorted(found - numbers))
        raise SourceJoined(f"picture or sound goes on in streams that begin later: {names}")
