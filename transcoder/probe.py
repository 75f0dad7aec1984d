"""What a source holds: opened as a stranger's file, measured, or refused with a reason.

A source is only ever a Python file object. FFmpeg may take it for one of a few containers and may
open nothing else: a playlist, a session description or a picture list that calls itself a film
would otherwise read local files or open sockets.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from statistics import median_low
from typing import Any, BinaryIO, Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
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
from transcoder.settings import Settings

_FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpegts,mpeg,ogg,mp3,wav,flac,aac,aiff,caf"
)
_SAFE: Final = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
_DECLARE_DURATION: Final = frozenset({"mov", "matroska", "avi", "asf", "flv", "wav"})
_PROBED_PACKETS: Final = 600
_PROBED_STEPS: Final = 240
_MICROSECOND: Final = Fraction(1, 1_000_000)

_KNOWN_BOXES: Final = frozenset(
    b"ftyp moov mdat moof free skip wide uuid meta sidx styp mfra pnot udta emsg prft".split()
)


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture: coded size in pixels, their shape, and how far it is to be turned
    counter-clockwise, in degrees. `frame_rate` is measured, None for a single picture."""

    stream: int
    start_s: Fraction
    width: int
    height: int
    pixel_aspect: Fraction
    rotation: int
    frame_rate: Fraction | None

    def display_size(self) -> tuple[int, int]:
        """Width and height in square pixels, as a viewer is to see it."""
        width = max(1, round(self.width * self.pixel_aspect))
        return (self.height, width) if self.rotation % 180 else (width, self.height)


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """The sound. `start_s` is None when it does not begin where the film does."""

    stream: int
    start_s: Fraction | None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source holds. `duration_s` is as long as it seems to be, if that can be told, and
    `is_duration_declared` says whether that is written in the file or only estimated."""

    duration_s: Fraction | None
    is_duration_declared: bool
    video: VideoFacts | None
    audio: AudioFacts | None


def probe_source(file: BinaryIO, settings: Settings) -> SourceFacts:
    """Measure a source; raises one of the `Source...` errors when it cannot become an asset."""
    _check_bytes(file, settings)
    with open_source(file, settings) as container:
        duration_s = max(0, container.duration or 0) * _MICROSECOND
        if duration_s > settings.max_duration_s:
            raise SourceTooLong(f"{float(duration_s):.0f} s, at most {settings.max_duration_s} s")
        return _measure(container, duration_s or None)


@contextmanager
def open_source(file: BinaryIO, settings: Settings) -> Iterator[InputContainer]:
    """Open a source from its beginning, its decoders told of the limits."""
    file.seek(0)
    try:
        container = av.open(file, "r", options=_SAFE, metadata_errors="replace")
    except MemoryError:
        raise  # says nothing of the source, though FFmpeg counts it among its own errors
    except av.FFmpegError as error:
        raise SourceUnsupported(f"no container that is read here: {error.strerror}") from error
    with container:
        for stream in filter(_has_decoder, container.streams.video):
            if stream.width * stream.height > settings.max_pixels:
                raise SourceTooLarge(f"{stream.width}x{stream.height}")
            stream.codec_context.options = {"max_pixels": str(settings.max_pixels)}
        yield container


def _check_bytes(file: BinaryIO, settings: Settings) -> None:
    size = file.seek(0, 2)
    if size == 0:
        raise SourceEmpty("the file has no bytes")
    if size > settings.max_source_bytes:
        raise SourceTooLarge(f"{size} bytes, at most {settings.max_source_bytes}")
    _check_boxes(file, size)


def _check_boxes(file: BinaryIO, size: int) -> None:
    """Refuse an MP4 that is cut off, before anything is spent on it: FFmpeg plays what is there
    and says nothing. Files of other kinds, and boxes of unknown ones, are passed over."""
    kinds = set()
    offset = 0
    while offset < size:
        kind, length = _read_box_header(file, offset, size)
        if kind not in _KNOWN_BOXES:
            break
        if offset + length > size:
            raise SourceTruncated(f"{kind.decode()} ends at byte {offset + length} of {size}")
        kinds.add(kind)
        offset += length
    if b"ftyp" in kinds and b"moov" not in kinds and offset >= size:
        raise SourceTruncated("the index (moov) is missing")


def _read_box_header(file: BinaryIO, offset: int, size: int) -> tuple[bytes, int]:
    file.seek(offset)
    header = file.read(16).ljust(16, b"\0")
    length, kind, large = struct.unpack(">I4sQ", header)
    if length == 0:
        return kind, size - offset
    return kind, max(8, large if length == 1 else length)


def _measure(container: InputContainer, duration_s: Fraction | None) -> SourceFacts:
    video, audio = _choose_video(container), _choose_audio(container)
    streams = [stream for stream in (video, audio) if stream is not None]
    if not streams:
        raise SourceEmpty("no stream of picture or sound")
    beginning = _read_beginning(container, streams)
    return SourceFacts(
        duration_s=duration_s,
        is_duration_declared=container.format.name.split(",")[0] in _DECLARE_DURATION,
        video=None if video is None else _video_facts(video, beginning),
        audio=None if audio is None else _audio_facts(audio, beginning),
    )


def _choose_video(container: InputContainer) -> VideoStream | None:
    """The stream that is the film's picture; cover art is none."""
    streams = [s for s in container.streams.video if Disposition.attached_pic not in s.disposition]
    if streams and not any(_has_decoder(stream) for stream in streams):
        raise SourceUnsupported("no decoder for the picture")
    return max(
        filter(_has_decoder, streams),
        key=lambda s: (Disposition.default in s.disposition, s.width * s.height, -s.index),
        default=None,
    )


def _choose_audio(container: InputContainer) -> AudioStream | None:
    return max(
        filter(_has_decoder, container.streams.audio),
        key=lambda s: (Disposition.default in s.disposition, -s.index),
        default=None,
    )


def _has_decoder(stream: Stream) -> bool:
    # PyAV's types promise a codec context, which a stream of an unknown codec does not have.
    return getattr(stream, "codec_context", None) is not None


@dataclass(frozen=True, slots=True)
class _Beginning:
    """The first frame of each stream that has one, and when the first pictures are shown."""

    frames: dict[int, VideoFrame | AudioFrame]
    picture_times: list[Fraction]


def _read_beginning(
    container: InputContainer, streams: Sequence[VideoStream | AudioStream]
) -> _Beginning:
    beginning = _Beginning({}, [])
    for packet in islice(container.demux(*streams), _PROBED_PACKETS):
        if packet.pts is not None and packet.stream.type == "video":
            beginning.picture_times.append(packet.pts * packet.time_base)
        if packet.stream_index not in beginning.frames:
            for frame in (decode_packet(packet) or [])[:1]:
                beginning.frames[packet.stream_index] = frame
        elif len(beginning.frames) == len(streams) and _is_enough(beginning, streams):
            break
    return beginning


def _is_enough(beginning: _Beginning, streams: Sequence[VideoStream | AudioStream]) -> bool:
    has_picture = any(stream.type == "video" for stream in streams)
    return not has_picture or len(beginning.picture_times) > _PROBED_STEPS


def decode_packet(packet: "Packet[Any]") -> list[Any] | None:
    """A packet's frames; None when it cannot be decoded."""
    try:
        return packet.decode()
    except MemoryError:
        raise
    except av.FFmpegError:
        return None


def _video_facts(stream: VideoStream, beginning: _Beginning) -> VideoFacts:
    frame = beginning.frames.get(stream.index)
    if not isinstance(frame, VideoFrame):
        raise SourceCorrupt("no picture at the beginning can be decoded")
    return VideoFacts(
        stream=stream.index,
        start_s=_time_of(frame),
        width=frame.width,
        height=frame.height,
        pixel_aspect=_pixel_aspect(stream),
        rotation=round(frame.rotation / 90) * 90,
        frame_rate=measure_frame_rate(beginning.picture_times, stream.guessed_rate),
    )


def _audio_facts(stream: AudioStream, beginning: _Beginning) -> AudioFacts:
    frame = beginning.frames.get(stream.index)
    return AudioFacts(stream.index, None if frame is None else _time_of(frame))


def _time_of(frame: VideoFrame | AudioFrame) -> Fraction:
    return (frame.pts or 0) * (frame.time_base or Fraction(0))


def _pixel_aspect(stream: VideoStream) -> Fraction:
    """A pixel's width by its height; square where the file says nothing sensible."""
    aspect = stream.sample_aspect_ratio
    return aspect if aspect and Fraction(1, 4) <= aspect <= 4 else Fraction(1)


def measure_frame_rate(times: Sequence[Fraction], declared: Fraction | None) -> Fraction | None:
    """Frames a second from when pictures are shown, in any order; None for fewer than two.

    Pauses (a still screen) and doubled pictures are left out: neither the mean nor what the
    container declares can be trusted where the rate varies. Where they agree within rounding,
    the declared rate is the exact one.
    """
    steps = [after - before for before, after in pairwise(sorted(set(times)))]
    if not steps:
        return None
    usual = median_low(steps)
    regular = [step for step in steps if abs(step - usual) <= usual / 4]
    rate = len(regular) / sum(regular, start=Fraction(0))
    if declared and abs(declared / rate - 1) <= Fraction(1, 100):
        return declared
    return rate
