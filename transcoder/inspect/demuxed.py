"""Segments that FFmpeg takes apart: MPEG transport streams, and sound with no container.

Which demuxer may read them is said, never guessed: a stranger's segment reaches no other.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import av
from av.packet import Packet

from transcoder.codecs import split_units
from transcoder.init_reader import SampleEntry
from transcoder.inspect.decoding import (
    MediaInvalid,
    PictureDecoder,
    Spans,
    count_decoded,
    usual_step,
)
from transcoder.inspect.presentation import Container, KeyFrame, Look, Span

_ID3: Final = b"ID3"
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
        picture = self._measure(found["video"], is_picture=True) if "video" in found else None
        sound = self._measure(found["audio"], is_picture=False) if "audio" in found else None
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

    def _measure(self, found: _Found, *, is_picture: bool) -> Span:
        shown = [packet.pts or 0 for packet in found.packets]
        decoded = [packet.pts if packet.dts is None else packet.dts for packet in found.packets]
        step = usual_step(shown, found.packets[0].duration or 0)
        keys = tuple(self._read_keys(found)) if is_picture else ()
        first, last = decoded[0] or 0, decoded[-1] or 0
        entry = self.picture if is_picture else self.sound
        broken = sum(not key.is_good for key in keys)
        if self._decodes_all and entry and entry.decoder:
            broken = max(0, len(shown) - count_decoded(entry, map(bytes, found.packets)))
        return Span(
            starts_s=min(shown) * found.time_base,
            ends_s=(max(shown) + step) * found.time_base,
            decodes_from_s=first * found.time_base,
            decodes_until_s=(last + step) * found.time_base,
            frame_s=step * found.time_base,
            frames=len(shown),
            payload_bytes=sum(packet.size for packet in found.packets),
            begins_with_key=found.packets[0].is_keyframe,
            key_frames=keys,
            broken=broken,
        )

    def _read_keys(self, found: _Found) -> Iterator[KeyFrame]:
        for packet in found.packets:
            if packet.is_keyframe:
                is_good = self._decoder.decodes(bytes(packet))
                yield KeyFrame((packet.pts or 0) * found.time_base, -1, -1, -1, is_good)


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
