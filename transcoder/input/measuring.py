"""The facts of a source whose packets have been scanned: what is left to learn is learned by
decoding a little of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from transcoder.errors import SourceCorrupt, SourceUnsupported
from transcoder.input.colours import (
    UNREADABLE_MATRICES,
    needs_dolby_vision,
    read_peak_nits,
    read_transfer,
)
from transcoder.input.content import Content
from transcoder.input.facts import AudioFacts, ChapterFacts, SourceFacts, TextFacts, VideoFacts
from transcoder.input.orientation import read_orientation
from transcoder.input.packet_scan import Scan, StreamScan
from transcoder.input.samples import Samples, look_around
from transcoder.input.source import name_container

_SEEK_EXACTLY: Final = frozenset({"mov", "matroska"})
_MICROSECOND: Final = Fraction(1, 1_000_000)

# How far apart key frames may be for it to pay to begin at one of them.
_LONGEST_GROUP_S: Final = 20


@dataclass(frozen=True, slots=True)
class Measuring:
    """A source on its way to facts: freshly opened, its packets scanned."""

    container: InputContainer
    content: Content
    scan: Scan
    beginnings: Mapping[int, AudioFrame]
    size_bytes: int

    def measure(self) -> SourceFacts:
        audio = tuple(self._describe_sound(number) for number in self.content.audio)
        heard = tuple(facts for facts in audio if facts is not None)
        video, is_seekable = self._measure_picture()
        if video is None and not heard:
            raise SourceCorrupt("nothing at the beginning can be decoded")
        lost = [n for n, facts in zip(self.content.audio, audio, strict=True) if facts is None]
        parts = [facts for facts in (video, *heard) if facts is not None]
        return SourceFacts(
            duration_s=max(p.end_s for p in parts) - min(p.start_s for p in parts),
            video=video,
            audio=heard,
            texts=tuple(self._describe_text(number) for number in self.content.texts),
            chapters=tuple(self._list_chapters()),
            cover=self.content.cover,
            container=name_container(self.container),
            size_bytes=self.size_bytes,
            is_seekable=is_seekable,
            clock=self.scan.clock,
            warnings=self.content.warnings
            + tuple(f"stream {number} is left out: its sound cannot be read" for number in lost),
        )

    def _measure_picture(self) -> tuple[VideoFacts | None, bool]:
        """The facts, and whether decoding may begin in the midst."""
        number = self.content.video
        if number is None:
            return None, False
        scan = self.scan.streams[number]
        stream = next(s for s in self.container.streams.video if s.index == number)
        if not scan.packets and not stream.frames and self.content.audio:
            return None, False
        samples = look_around(
            self.container,
            stream,
            lasts_s=(scan.start_s, scan.end_s),
            is_key=frozenset(scan.key_times.tolist()).__contains__,
            clock=self.scan.clock,
        )
        if samples.first is None:
            raise SourceCorrupt("no picture at the beginning can be decoded")
        if needs_dolby_vision(samples.first):
            raise SourceUnsupported("the colours are those of Dolby Vision, profile 5")
        if samples.first.colorspace in UNREADABLE_MATRICES:
            raise SourceUnsupported(f"colours of matrix {samples.first.colorspace}")
        is_seekable = (
            name_container(self.container) in _SEEK_EXACTLY
            and not self.scan.clock
            and samples.lands_on_keys
            and scan.is_well_timed()
            and scan.longest_group_s <= _LONGEST_GROUP_S
        )
        return _describe_picture(stream, scan, samples, samples.first), is_seekable

    def _describe_sound(self, number: int) -> AudioFacts | None:
        scan = self.scan.streams[number]
        stream = next(s for s in self.container.streams.audio if s.index == number)
        frame = self.beginnings.get(number)
        if frame is None and (not scan.runs or _begins_early(scan)):
            return None
        start_s = scan.start_s if frame is None else _time_of(frame)
        return AudioFacts(
            stream=number,
            start_s=start_s,
            end_s=max(start_s, scan.end_s),
            channels=stream.channels if frame is None else frame.layout.nb_channels,
            layout=stream.layout.name if frame is None else frame.layout.name,
            rate_hz=stream.rate if frame is None else frame.sample_rate,
            codec=stream.codec_context.name,
            language=_language_of(stream),
            title=stream.metadata.get("title"),
            is_default=Disposition.default in stream.disposition,
            bit_rate_bps=scan.bit_rate_bps,
        )

    def _describe_text(self, number: int) -> TextFacts:
        stream = self.container.streams[number]
        return TextFacts(
            stream=number,
            codec=stream.codec_context.name,
            language=_language_of(stream),
            title=stream.metadata.get("title"),
            is_default=Disposition.default in stream.disposition,
            is_forced=Disposition.forced in stream.disposition,
            is_sdh=Disposition.hearing_impaired in stream.disposition,
        )

    def _list_chapters(self) -> list[ChapterFacts]:
        return [
            ChapterFacts(
                start_s=chapter["start"] * (chapter["time_base"] or _MICROSECOND),
                end_s=chapter["end"] * (chapter["time_base"] or _MICROSECOND),
                title=chapter["metadata"].get("title", ""),
            )
            for chapter in self.container.chapters()
        ]


def _describe_picture(
    stream: VideoStream, scan: StreamScan, samples: Samples, first: VideoFrame
) -> VideoFacts:
    width, height, pixel_aspect = samples.shape
    orientation = read_orientation(first)
    start_s = _time_of(first) if scan.has_shown_times else scan.start_s
    return VideoFacts(
        stream=stream.index,
        start_s=start_s,
        end_s=max(start_s, scan.end_s),
        width=width,
        height=height,
        frame_rate=scan.measure_rate(stream.guessed_rate),
        pixel_aspect=pixel_aspect,
        rotation=orientation.rotation,
        is_mirrored=orientation.is_mirrored,
        codec=stream.codec_context.name,
        pixels=first.format.name,
        scan=samples.scan,
        transfer=read_transfer(first),
        peak_nits=read_peak_nits(first),
        bit_rate_bps=scan.bit_rate_bps,
        pictures=scan.packets,
        decode_delay_s=None if scan.has_shown_times else _decode_delay(first, scan),
    )


def _decode_delay(first: VideoFrame, scan: StreamScan) -> Fraction:
    return (first.dts or 0) * (first.time_base or Fraction(0)) - scan.start_s


def _begins_early(scan: StreamScan) -> bool:
    return scan.packets > 0 and scan.start_s <= 1


def _time_of(frame: VideoFrame | AudioFrame) -> Fraction:
    return (frame.pts or 0) * (frame.time_base or Fraction(0))


def _language_of(stream: Stream) -> str | None:
    return stream.language if stream.language not in (None, "", "und", "unk") else None
