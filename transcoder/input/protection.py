"""Whether a source is locked against all players but those of whoever sells it."""

from collections.abc import Iterable, Mapping
from typing import Final

from av.stream import Stream

from transcoder.errors import SourceProtected
from transcoder.input.packet_scan import StreamScan

# How shops' files name their codecs, and what FFmpeg notes of a locked track of Matroska or WebM.
_LOCKED_TAGS: Final = frozenset({"drms", "drmi", "aavd"})
_LOCKED_NOTE: Final = "enc_key_id"


def check_protection(streams: Iterable[Stream], scans: Mapping[int, StreamScan]) -> None:
    """Raise `SourceProtected` where one of `streams` is encrypted, were it only in part."""
    for stream in streams:
        if scans[stream.index].encrypted or _is_called_locked(stream):
            raise SourceProtected(f"stream {stream.index} is encrypted")


def _is_called_locked(stream: Stream) -> bool:
    return _read_tag(stream) in _LOCKED_TAGS or _LOCKED_NOTE in stream.metadata


def _read_tag(stream: Stream) -> str:
    try:
        return stream.codec_context.codec_tag
    except UnicodeDecodeError:
        return ""  # MPEG-TS has a number there
