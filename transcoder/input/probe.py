"""What a source holds, measured: the facts that a film is planned from, or why there is no film."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import BinaryIO, Final

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from transcoder.errors import (
    SourceCorrupt,
    SourceEmpty,
    SourceTooLarge,
    SourceTooLong,
    SourceTruncated,
    SourceUnsupported,
)
from transcoder.input.colours import needs_dolby_vision, read_peak_nits, read_transfer
from transcoder.input.facts import (
    AudioFacts,
    ChapterFacts,
    ClockChange,
    SourceFacts,
    TextFacts,
    VideoFacts,
)
from transcoder.input.leftovers import check_rest
from transcoder.input.orientation import read_orientation
from transcoder.input.packet_scan import Report, Scan, StreamScan, scan_packets
from transcoder.input.samples import Samples, look_around
from transcoder.input.source import (
    check_bytes,
    decode_packet,
    has_decoder,
    open_source,
    read_packets,
)
from transcoder.settings import Settings

_DECLARE_DURATION: Final = frozenset({"mov", "matroska", "avi", "asf", "flv", "wav"})
_SEEK_EXACTLY: Final = frozenset({"mov", "matroska"})
_NO_PICTURE: Final = Disposition.attached_pic | Disposition.timed_thumbnails
_TEXT_CODECS: Final = frozenset({"mov_text", "subrip", "srt", "webvtt", "ass", "ssa", "text"})
_PROBED_PACKETS: Final = 1200
_MICROSECOND: Final = Fraction(1, 1_000_000)

# How far apart key frames may be for it to pay to begin at one of them.
_LONGEST_GROUP_S: Final = 20

# What may be missing of what the file declares.
_MISSING_S: Final = Fraction(1, 2)
_MISSING_SHARE: Final = Fraction(1, 20)
# A file that is cut off is read up to its end.
_READ_SHARE: Final = 0.9

_SQUARE: Final = Fraction(1)


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
        content = _list_content(container, settings)
        scan = scan_packets(container, content.streams, size_bytes=size_bytes, report=report)
        _check_ends(container, scan.streams, size_bytes, settings)
        _check_moments(content, scan.streams)
        name = container.format.name.split(",")[0]
        check_rest(file, name, content.streams, scan.streams, settings)
    with open_source(file, settings) as container:
        streams = [container.streams[number] for number in content.audio]
        beginnings = _hear_beginnings(container, streams, scan.clock)
    with open_source(file, settings) as container:
        return _Measuring(container, content, scan, beginnings, size_bytes).measure()


@dataclass(frozen=True, slots=True)
class _Content:
    """The streams of a container, and which of them are of use, by their numbers."""

    streams: Sequence[Stream]
    video: int | None
    audio: tuple[int, ...]
    texts: tuple[int, ...]
    cover: int | None
    warnings: tuple[str, ...]


def _list_content(container: InputContainer, settings: Settings) -> _Content:
    streams = list(container.streams)
    if len(streams) > settings.max_streams:
        raise SourceTooLarge(f"{len(streams)} streams, at most {settings.max_streams}")
    video = _choose_video(container)
    audio = [stream for stream in container.streams.audio if has_decoder(stream)]
    if video is None and not audio:
        raise SourceEmpty("no stream of picture or sound")
    audio.sort(key=lambda stream: (Disposition.default not in stream.disposition, stream.index))
    texts = [stream for stream in container.streams.subtitles if _is_text(stream)]
    used = {stream.index for stream in (video, *audio, *texts) if stream is not None}
    covers = [s.index for s in container.streams.video if Disposition.attached_pic in s.disposition]
    return _Content(
        streams=[stream for stream in streams if stream.index not in covers],
        video=None if video is None else video.index,
        audio=tuple(stream.index for stream in audio),
        texts=tuple(stream.index for stream in texts),
        cover=covers[0] if covers else None,
        warnings=tuple(
            f"stream {stream.index} is left out: {stream.type}, {_name_codec(stream)}"
            for stream in streams
            if stream.index not in used and stream.index not in covers
        ),
    )


def _choose_video(container: InputContainer) -> VideoStream | None:
    """The stream that is the film's picture; cover art is none."""
    streams = [stream for stream in container.streams.video if not stream.disposition & _NO_PICTURE]
    if streams and not any(has_decoder(stream) for stream in streams):
        raise SourceUnsupported("no decoder for the picture")
    return max(
        filter(has_decoder, streams),
        key=lambda s: (Disposition.default in s.disposition, s.width * s.height, -s.index),
        default=None,
    )


def _is_text(stream: SubtitleStream) -> bool:
    return has_decoder(stream) and stream.codec_context.name in _TEXT_CODECS


def _name_codec(stream: Stream) -> str:
    return stream.codec_context.name if has_decoder(stream) else "of an unknown codec"


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


def _check_moments(content: _Content, scans: Mapping[int, StreamScan]) -> None:
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


@dataclass(frozen=True, slots=True)
class _Measuring:
    """A source on its way to facts: freshly opened, its packets scanned."""

    container: InputContainer
    content: _Content
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
            container=self._format,
            size_bytes=self.size_bytes,
            is_seekable=is_seekable,
            clock=self.scan.clock,
            warnings=self.content.warnings
            + tuple(f"stream {number} is left out: its sound cannot be read" for number in lost),
        )

    @property
    def _format(self) -> str:
        return self.container.format.name.split(",")[0]

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
        is_seekable = (
            self._format in _SEEK_EXACTLY
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
    width, height = samples.size
    orientation = read_orientation(first)
    start_s = _time_of(first) if scan.has_shown_times else scan.start_s
    return VideoFacts(
        stream=stream.index,
        start_s=start_s,
        end_s=max(start_s, scan.end_s),
        width=width,
        height=height,
        frame_rate=scan.measure_rate(stream.guessed_rate),
        pixel_aspect=_pixel_aspect(stream),
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


def _pixel_aspect(stream: VideoStream) -> Fraction:
    """A pixel's width by its height; square where the file says nothing sensible."""
    aspect = stream.sample_aspect_ratio
    return aspect if aspect and Fraction(1, 4) <= aspect <= 4 else _SQUARE


def _language_of(stream: Stream) -> str | None:
    return stream.language if stream.language not in (None, "", "und", "unk") else None
