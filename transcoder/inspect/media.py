"""Which reader is for which segments."""

from typing import Final

from transcoder.inspect.decoding import MediaInvalid, SegmentReader
from transcoder.inspect.demuxed import DemuxedReader, choose_format
from transcoder.inspect.fragmented import FragmentedReader

_TS_PACKET: Final = 188
_TS_SYNC: Final = 0x47


def open_reader(init: bytes | None, first: bytes, *, decodes_all: bool) -> SegmentReader:
    """Choose by what the stream begins with."""
    if init is not None:
        return FragmentedReader(init, decodes_all=decodes_all)
    if first[:1] == bytes([_TS_SYNC]) and first[_TS_PACKET : _TS_PACKET + 1] in (b"", first[:1]):
        return DemuxedReader("ts", "mpegts", decodes_all=decodes_all)
    if first[4:8] in (b"ftyp", b"styp", b"moof"):
        raise MediaInvalid("fragmented MP4 without EXT-X-MAP")
    if first.startswith((b"ID3", b"\xff")):
        return DemuxedReader("packed", choose_format(first), decodes_all=decodes_all)
    raise MediaInvalid("neither fragmented MP4 nor MPEG-TS nor packed audio")
