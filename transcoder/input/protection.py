"""Whether a source is locked against all players but those of whoever sells it."""

from collections.abc import Iterable, Mapping, Set
from typing import BinaryIO, Final

import numpy as np
from av.stream import Stream

from transcoder.errors import SourceProtected
from transcoder.input.packet_scan import StreamScan
from transcoder.input.programmes import find_packets

# How shops' files name their codecs, and what FFmpeg notes of a locked track of Matroska or WebM.
_LOCKED_TAGS: Final = frozenset({"drms", "drmi", "aavd"})
_LOCKED_NOTE: Final = "enc_key_id"

# A television signal is looked at in so many places, in each at so many bytes.
_PLACES: Final = 256
_LOOK_BYTES: Final = 100_000
# FFmpeg leaves out what is scrambled and says nothing: of so little, nothing need be said.
_SCRAMBLED_SHARE: Final = 0.05

# ISO/IEC 13818-1, 2.4.3.2: a packet that is damaged, and how one is scrambled.
_DAMAGED, _SCRAMBLED = 0x80, 0x80


def check_protection(
    file: BinaryIO, streams: Iterable[Stream], scans: Mapping[int, StreamScan]
) -> None:
    """Raise `SourceProtected` where one of `streams` is encrypted, were it only in part."""
    chosen = list(streams)
    for stream in chosen:
        if scans[stream.index].encrypted or _is_called_locked(stream):
            raise SourceProtected(f"stream {stream.index} is encrypted")
    if chosen and chosen[0].container.format.name == "mpegts":
        share = measure_scrambled(file, {stream.id for stream in chosen})
        if share > _SCRAMBLED_SHARE:
            raise SourceProtected(f"{share:.0%} of picture and sound are scrambled")


def _is_called_locked(stream: Stream) -> bool:
    return _read_tag(stream) in _LOCKED_TAGS or _LOCKED_NOTE in stream.metadata


def _read_tag(stream: Stream) -> str:
    try:
        return stream.codec_context.codec_tag
    except UnicodeDecodeError:
        return ""  # MPEG-TS has a number there


def measure_scrambled(file: BinaryIO, pids: Set[int]) -> float:
    """Which share of some streams of an MPEG-TS is scrambled, going by places all over it."""
    size_bytes = file.seek(0, 2)
    counts = np.zeros(2, np.int64)
    for begin in range(0, size_bytes, max(_LOOK_BYTES, size_bytes // _PLACES)):
        file.seek(begin)
        counts += _count_scrambled(file.read(_LOOK_BYTES), pids)
    scrambled, all_packets = counts.tolist()
    return scrambled / max(1, all_packets)


def _count_scrambled(content: bytes, pids: Set[int]) -> tuple[int, int]:
    """How many packets of some streams are scrambled, and how many there are."""
    starts = np.array(find_packets(content), np.int64)
    heads = np.frombuffer(content, np.uint8)[starts[:, np.newaxis] + np.arange(4)].astype(np.int64)
    _, flags, low, control = heads.T
    is_own = np.isin((flags & 0x1F) << 8 | low, list(pids)) & (flags < _DAMAGED)
    return int((is_own & (control >= _SCRAMBLED)).sum()), int(is_own.sum())
