"""Whether a source is locked against all players but those of whoever sells it."""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import BinaryIO, Final

import numpy as np
from av.stream import Stream

from transcoder.errors import SourceProtected
from transcoder.input.packet_scan import StreamScan
from transcoder.input.programmes import find_packets

# How shops' files name their codecs, and what FFmpeg notes of a locked track of Matroska or WebM.
_LOCKED_TAGS: Final = frozenset({"drms", "drmi", "aavd"})
_LOCKED_NOTE: Final = "enc_key_id"

# A signal of television or of a DVD is looked at in so many places, in each at so many bytes.
_PLACES: Final = 256
_LOOK_BYTES: Final = 100_000
# FFmpeg leaves out what is scrambled, or shows it, and says nothing: of so little, nothing need be.
_SCRAMBLED_SHARE: Final = 0.05

# ISO/IEC 13818-1, 2.4.3.2: a packet that is damaged, and how one is scrambled; 2.4.3.6: a packet
# of picture or sound, with the byte that says so.
_DAMAGED, _SCRAMBLED = 0x80, 0x80
_PES_HEADER: Final = re.compile(rb"\0\0\x01[\xbd\xc0-\xef]..([\x80-\xbf])", re.DOTALL)
_PES_SCRAMBLED: Final = 0x30


def check_protection(
    file: BinaryIO, streams: Sequence[Stream], scans: Mapping[int, StreamScan]
) -> None:
    """Raise `SourceProtected` where one of `streams` is encrypted, were it only in part."""
    for stream in streams:
        if scans[stream.index].encrypted or _is_called_locked(stream):
            raise SourceProtected(f"stream {stream.index} is encrypted")
    share = _measure_share(file, streams)
    if share > _SCRAMBLED_SHARE:
        raise SourceProtected(f"{share:.0%} of picture and sound are scrambled")


def _measure_share(file: BinaryIO, streams: Sequence[Stream]) -> float:
    container = streams[0].container.format.name if streams else ""
    if container == "mpegts":
        return measure_scrambled(file, partial(count_packets, {stream.id for stream in streams}))
    if container == "mpeg":
        return measure_scrambled(file, count_packs)
    return 0.0


def _is_called_locked(stream: Stream) -> bool:
    return _read_tag(stream) in _LOCKED_TAGS or _LOCKED_NOTE in stream.metadata


def _read_tag(stream: Stream) -> str:
    try:
        return stream.codec_context.codec_tag
    except UnicodeDecodeError:
        return ""  # MPEG-TS has a number there


def measure_scrambled(file: BinaryIO, count: Callable[[bytes], tuple[int, int]]) -> float:
    """Which share of a file is scrambled, going by places all over it."""
    size_bytes = file.seek(0, 2)
    counts = np.zeros(2, np.int64)
    for begin in range(0, size_bytes, max(_LOOK_BYTES, size_bytes // _PLACES)):
        file.seek(begin)
        counts += count(file.read(_LOOK_BYTES))
    scrambled, all_of_them = counts.tolist()
    return scrambled / max(1, all_of_them)


def count_packs(content: bytes) -> tuple[int, int]:
    """How many packets of a DVD's picture and sound are scrambled, and how many there are."""
    flags = [found[1][0] for found in _PES_HEADER.finditer(content)]
    return sum(bool(flag & _PES_SCRAMBLED) for flag in flags), len(flags)


def count_packets(pids: Set[int], content: bytes) -> tuple[int, int]:
    """How many packets of some streams of an MPEG-TS are scrambled, and how many there are."""
    starts = np.array(find_packets(content), np.int64)
    heads = np.frombuffer(content, np.uint8)[starts[:, np.newaxis] + np.arange(4)].astype(np.int64)
    _, flags, low, control = heads.T
    is_own = np.isin((flags & 0x1F) << 8 | low, list(pids)) & (flags < _DAMAGED)
    return int((is_own & (control >= _SCRAMBLED)).sum()), int(is_own.sum())
