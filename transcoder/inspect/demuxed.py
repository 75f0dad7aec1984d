"""Segments that FFmpeg takes apart: MPEG transport streams, and sound with no container.

Which demuxer may read them is said, never guessed: a stranger's segment reaches no other.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

import av
from av.packet import Packet

from transcoder.cmaf.codecs import split_units
from transcoder.cmaf.init_reader import SampleEntry
from transcoder.inspect.decoding import (
    MediaInvalid,
    PictureDecoder,
    Spans,
    count_decoded,
    usual_step,
)
from transcoder.inspect.presentation import Container, KeyFrame, Look, Span

_ID3: Final = b"ID3"
_TIMESTAMP: Final = b"com.apple.streaming.transportStreamTimestamp\0"
_TS_HZ: Final = 90_000
_KINDS: Final = ("video", "audio")
_SEQUENCE_SET: Final = 7
_COMMON_NAMES: Final = {"mp3": "mp4a.40.34", "ac3": "ac-3", "eac3": "ec-3", "hevc": "hvc1"}


@dataclass(slots=True)
class _Found:
    """The packets of one track of a segment, in the order they are decoded."""

    time_base: Fraction
    packets: list["Packet[Any]"] = field(default_factory=list)


class DemuxedReader:
    """What FFmpeg takes apart; which demuxer it may use is said, not guessed."""

    def __init__(self, container: Container, form: str, *, decodes_all: bool) -> None:
        self.container = container
        self.picture: SampleEntry | None = None
        self.sound: SampleEntry | None = None
        self._form = form
        self._decodes_all = decodes_all
        self._decoder = PictureDecoder(None)

    @property
    def looks(self) -> set[Look]:
        return self._decoder.looks

    def measure(self, content: bytes) -> Spans:
        found = self._demux(content)
        begins_s = read_id3_time(content) if self.container == "packed" else Fraction(0)
        picture = self._measure_picture(found["video"]) if "video" in found else None
        sound = self._measure_sound(found["audio"], begins_s) if "audio" in found else None
        if not (picture or sound):
            raise MediaInvalid("no samples")
        return picture, sound

    def judge_key_frame(self, content: bytes) -> str:
        try:
            found = self._demux(content)
        except MediaInvalid as error:
            return f"is not read: {error}"
        packets = found["video"].packets if "video" in found else []
        if not packets or not packets[0].is_keyframe:
            return "begins with no key frame"
        return "" if self._decoder.decodes(bytes(packets[0])) else "does not decode"

    def _demux(self, content: bytes) -> dict[str, _Found]:
        body = strip_id3(content) if self.container == "packed" else content
        found: dict[str, _Found] = {}
        try:
            with av.open(io.BytesIO(body), "r", format=self._form) as container:
                chosen = {s.type: s for s in reversed(list(container.streams)) if s.type in _KINDS}
                for packet in container.demux(*chosen.values()):
                    if packet.pts is not None and packet.time_base:
                        track = found.setdefault(packet.stream.type, _Found(packet.time_base))
                        track.packets.append(packet)
                self._describe(found)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError) as error:
            raise MediaInvalid(f"no {self._form}: {error}") from error
        return found

    def _describe(self, found: dict[str, _Found]) -> None:
        if self.picture is None and "video" in found:
            self.picture = _describe_picture(found["video"].packets[0])
            self._decoder = PictureDecoder(self.picture)
        if self.sound is None and "audio" in found:
            self.sound = _describe_sound(found["audio"].packets[0])

    def _measure_picture(self, found: _Found) -> Span:
        keys = tuple(self._read_keys(found))
        broken = sum(not key.is_good for key in keys)
        return replace(
            _measure_packets(found, Fraction(0)),
            begins_with_key=found.packets[0].is_keyframe,
            key_frames=keys,
            broken=self._count_broken(self.picture, found, broken),
        )

    def _measure_sound(self, found: _Found, begins_s: Fraction) -> Span:
        span = _measure_packets(found, begins_s)
        return replace(span, broken=self._count_broken(self.sound, found, 0))

    def _count_broken(self, entry: SampleEntry | None, found: _Found, known: int) -> int:
        if not self._decodes_all or entry is None or entry.decoder is None:
            return known
        return max(0, len(found.packets) - count_decoded(entry, map(bytes, found.packets)))

    def _read_keys(self, found: _Found) -> Iterator[KeyFrame]:
        for packet in found.packets:
            if packet.is_keyframe:
                is_good = self._decoder.decodes(bytes(packet))
                yield KeyFrame((packet.pts or 0) * found.time_base, -1, -1, -1, is_good)


def _measure_packets(found: _Found, begins_s: Fraction) -> Span:
    shown = [packet.pts or 0 for packet in found.packets]
    decoded = [packet.dts for packet in found.packets if packet.dts is not None] or shown
    step = usual_step(shown, found.packets[0].duration or 0)
    return Span(
        starts_s=min(shown) * found.time_base + begins_s,
        ends_s=(max(shown) + step) * found.time_base + begins_s,
        decodes_from_s=decoded[0] * found.time_base + begins_s,
        decodes_until_s=(decoded[-1] + step) * found.time_base + begins_s,
        frame_s=step * found.time_base,
        frames=len(shown),
        payload_bytes=sum(packet.size for packet in found.packets),
    )


def _describe_picture(packet: "Packet[Any]") -> SampleEntry:
    """In a transport stream every key frame brings its parameters along."""
    context = packet.stream.codec_context
    codecs = _COMMON_NAMES.get(context.name, context.name)
    if context.name == "h264":
        sets = (unit for unit in split_units(bytes(packet)) if unit[0] & 31 == _SEQUENCE_SET)
        codecs = f"avc1.{next(sets, b'')[1:4].hex()}"
    return SampleEntry(codecs[:4], codecs, context.name, b"", context.width, context.height)


def _describe_sound(packet: "Packet[Any]") -> SampleEntry:
    context, content = packet.stream.codec_context, bytes(packet)
    codecs = _COMMON_NAMES.get(context.name, context.name)
    if context.name == "aac" and len(content) > 2:
        codecs = f"mp4a.40.{(content[2] >> 6) + 1}"  # ISO/IEC 14496-3 section 1.A.2: ADTS
    return SampleEntry(codecs[:4], codecs, context.name, b"", channels=context.channels)


def read_id3_time(content: bytes) -> Fraction:
    """When packed audio begins, by the tag before it (RFC 8216 section 3.4); 0 without one."""
    _, is_there, rest = content[: len(content) - len(strip_id3(content))].partition(_TIMESTAMP)
    return Fraction(int.from_bytes(rest[:8]), _TS_HZ) if is_there else Fraction(0)


def choose_format(content: bytes) -> str:
    """FFmpeg's demuxer for packed audio (RFC 8216 section 3.4)."""
    frame = strip_id3(content)
    return "aac" if len(frame) > 1 and frame[1] & 0xF6 == 0xF0 else "mp3"


def strip_id3(content: bytes) -> bytes:
    """Sound without the tag that carries its time stamp."""
    if not content.startswith(_ID3) or len(content) < 10:
        return content
    length = 0
    for byte in content[6:10]:
        length = length << 7 | byte & 0x7F
    return content[10 + length :]
