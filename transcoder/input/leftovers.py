"""What lies behind that part of a source which FFmpeg reads.

Of files that were put together it reads, in most containers, only the first, and says nothing.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import BinaryIO, Final, NamedTuple

from av.stream import Stream

from transcoder.errors import SourceJoined, SourceUnsupported
from transcoder.input.content import Content
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
_SHOWN_OR_HEARD: Final = frozenset({"video", "audio"})

# A stream that ends sooner than that may go on under another number.
_READ_SHARE: Final = 0.9
# By then, what belongs to a film has begun.
_LATE_SHARE: Final = 0.75
_LOOK_BYTES: Final = 16_000_000

# Where media is what comes last, but for little more than an index.
_END_WITH_MEDIA: Final = frozenset({"mpegts", "mpeg", "ogg", "mxf", "matroska", "mov"})
_LEAST_UNREAD_BYTES: Final = 16_384


def check_rest(
    file: BinaryIO,
    container: str,
    content: Content,
    scans: Mapping[int, StreamScan],
    settings: Settings,
) -> None:
    """Raise `SourceJoined` when a further film lies behind what was scanned of `content`, or what
    was a stream of sound goes on as one of pictures."""
    size_bytes = file.seek(0, io.SEEK_END)
    if container == _NUMBERED:
        late = max(int(size_bytes * _LATE_SHARE), size_bytes - _LOOK_BYTES)
        _check_kinds(_look(file, late), _list_kinds(content, scans), settings)
        read_to = min(_list_ends(content.streams, scans), default=size_bytes)
        if read_to < size_bytes * _READ_SHARE:
            numbers = {stream.id for stream in content.streams}
            _check_numbers(_look(file, read_to), numbers, settings)
    elif container in _BEGINNINGS:
        read_to = max((scan.reached_byte for scan in scans.values()), default=size_bytes)
        if found := _BEGINNINGS[container].search(_look(file, read_to)):
            raise SourceJoined(f"another film begins at byte {read_to + found.start()}")


def _list_kinds(content: Content, scans: Mapping[int, StreamScan]) -> set[str]:
    """What there is of picture and sound; a stream that changes its kind is what it was."""
    found = {"video": [content.video] if content.video is not None else [], "audio": content.audio}
    return {kind for kind, numbers in found.items() if any(scans[n].packets for n in numbers)}


def tell_unread(
    file: BinaryIO, container: str, scans: Mapping[int, StreamScan], declared_s: Fraction
) -> Iterator[str]:
    """Say so when much of a source that does not tell how long it is cannot be read: a recorder has
    made more room than it needed, or what was to be written there never was."""
    size_bytes = file.seek(0, io.SEEK_END)
    reached = max((scan.reached_byte for scan in scans.values()), default=size_bytes)
    if declared_s or container not in _END_WITH_MEDIA:
        return
    if size_bytes - reached > max(_LEAST_UNREAD_BYTES, size_bytes * (1 - _READ_SHARE)):
        yield f"nothing after byte {reached} of {size_bytes} can be read"


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


def _check_kinds(rest: bytes, known: set[str], settings: Settings) -> None:
    found = {stream.type for stream in _list_streams(rest, settings)}
    for kind in sorted(found & _SHOWN_OR_HEARD - known):
        raise SourceJoined(f"the end has {kind}, the beginning has none")


def _check_numbers(rest: bytes, numbers: set[int], settings: Settings) -> None:
    streams = _list_streams(rest, settings)
    found = {stream.number for stream in streams if stream.type in _SHOWN_OR_HEARD}
    if found - numbers:
        names = ", ".join(hex(number) for number in sorted(found - numbers))
        raise SourceJoined(f"picture or sound goes on in streams that begin later: {names}")


class _Found(NamedTuple):
    number: int
    type: str


def _list_streams(rest: bytes, settings: Settings) -> list[_Found]:
    """The streams of a part of a file; none of what is no container."""
    try:
        with open_source(io.BytesIO(rest), settings) as container:
            return [_Found(stream.id, stream.type) for stream in container.streams]
    except SourceUnsupported:
        return []
