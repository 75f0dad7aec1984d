"""A stranger's file, opened so that it can do no harm.

A source is only ever a Python file object. FFmpeg may take it for one of a few containers, use a
few decoders on it, and open nothing else: a playlist, a session description or a picture list
that calls itself a film would otherwise read local files or open sockets.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, BinaryIO, Final

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from transcoder.errors import (
    SourceEmpty,
    SourceJoined,
    SourceTooLarge,
    SourceTruncated,
    SourceUnsupported,
)
from transcoder.input.clock import straighten
from transcoder.input.facts import ClockChange
from transcoder.settings import Settings

_FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpegts,mpeg,mxf,dv,"
    "ogg,mp3,wav,flac,aac,aiff,caf"
)
_VIDEO_DECODERS: Final = (
    "h264,hevc,vvc,av1,libdav1d,vp8,vp9,mpeg1video,mpeg2video,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,"
    "wmv1,wmv2,wmv3,vc1,h263,h263p,flv,vp6,vp6f,svq1,svq3,mjpeg,png,webp,bmp,prores,dnxhd,cfhd,"
    "dvvideo,ffv1,huffyuv,ffvhuff,utvideo,rawvideo,v210,v410,r210,qtrle,theora,cinepak,mss2"
)
_SOUND_DECODERS: Final = (
    "aac,aac_latm,mp3,mp3float,mp2,mp2float,mp1,mp1float,ac3,eac3,dca,truehd,mlp,opus,libopus,"
    "vorbis,flac,alac,wmav1,wmav2,wmapro,wmalossless,amrnb,amrwb,qdm2,nellymoser,speex,"
    "adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,pcm_alaw,pcm_mulaw,pcm_u8,pcm_s8,pcm_s16le,"
    "pcm_s16be,pcm_s16le_planar,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,"
    "pcm_f64le,pcm_f64be,pcm_dvd,pcm_bluray"
)
_TEXT_DECODERS: Final = "mov_text,subrip,srt,webvtt,ass,ssa,text"
_DECODERS: Final = f"{_VIDEO_DECODERS},{_SOUND_DECODERS},{_TEXT_DECODERS}"
_DECODER_NAMES: Final = frozenset(_DECODERS.split(","))

_SAFE: Final = {
    "format_whitelist": _FORMATS,
    "protocol_whitelist": "none",
    "codec_whitelist": _DECODERS,
}

# FLV tells that there is sound, and not which: that is known once it begins.
_FLV_HEADER: Final = b"FLV"
_PATIENT: Final = {"probesize": "64000000", "analyzeduration": "3600000000"}

# FFmpeg would drop captions that are not in UTF-8.
_ANY_LETTERS: Final = {"sub_charenc_mode": "ignore"}

# A seek goes by decode times, which lie before those at which pictures are shown; and filters
# that look at neighbours want some.
_RUN_UP_S: Final = 1

# RIFF writes its size at the start, where a recorder that was stopped leaves 0 or the most there
# is; ASF (Advanced Systems Format, 3.2) in its file properties.
_HEAD_BYTES: Final = 65_536
_RIFF_HEADER: Final = 8
_ASF_HEADER: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES: Final = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_PROPERTIES_BYTES: Final = 104
_ASF_IS_BROADCAST: Final = 1
_UNKNOWN_SIZE: Final = 0x7FFF_FFFF
_WHOLE_SHARE: Final = 0.95

_KNOWN_BOXES: Final = frozenset(
    b"ftyp moov mdat moof free skip wide uuid meta sidx styp mfra pnot udta emsg prft".split()
)


@contextmanager
def open_source(file: BinaryIO, settings: Settings) -> Iterator[InputContainer]:
    """Open a source from its beginning, its decoders told of the limits."""
    options = _SAFE | (_PATIENT if _begins_with(file, _FLV_HEADER) else {})
    file.seek(0)
    try:
        container = av.open(file, "r", options=options, metadata_errors="replace")
    except MemoryError:
        raise  # says nothing of the source, though FFmpeg counts it among its own errors
    except av.FFmpegError as error:
        raise SourceUnsupported(f"no container that is read here: {error.strerror}") from error
    with container:
        for stream in filter(name_decoder, container.streams):
            _limit_decoder(stream, settings)
        yield container


def name_container(container: InputContainer) -> str:
    """FFmpeg's name for a container, the first where it has several."""
    return container.format.name.split(",")[0]


def _begins_with(file: BinaryIO, header: bytes) -> bool:
    file.seek(0)
    return file.read(len(header)) == header


def _limit_decoder(stream: Stream, settings: Settings) -> None:
    limits = {"codec_whitelist": _DECODERS}
    if isinstance(stream, VideoStream):
        is_cover = Disposition.attached_pic in stream.disposition
        if stream.width * stream.height > settings.max_pixels and not is_cover:
            raise SourceTooLarge(f"{stream.width}x{stream.height}")
        limits["max_pixels"] = str(settings.max_pixels)
    if isinstance(stream, SubtitleStream):
        limits |= _ANY_LETTERS
    stream.codec_context.options = limits


def has_decoder(stream: Stream) -> bool:
    """Whether a stream can be decoded, and by what may be used."""
    return name_decoder(stream) in _DECODER_NAMES


def name_decoder(stream: Stream) -> str | None:
    """FFmpeg's decoder of a stream, used here or not; None for an unknown codec."""
    # PyAV's types promise a codec context, which a stream of an unknown codec does not have.
    context = getattr(stream, "codec_context", None)
    return None if context is None else context.name


def decode_packet(packet: "Packet[Any]") -> list[Any] | None:
    """A packet's frames; None when it cannot be decoded."""
    try:
        return packet.decode()
    except MemoryError:
        raise
    except av.FFmpegError:
        return None


def seek_before(container: InputContainer, stream: VideoStream, moment_s: Fraction) -> None:
    """Go to a key frame from which all pictures from `moment_s` on can be decoded."""
    time_base = stream.time_base or Fraction(1, 1000)
    container.seek(int((moment_s - _RUN_UP_S) / time_base), stream=stream, backward=True)


def check_bytes(file: BinaryIO, settings: Settings) -> int:
    """The file's size; raises for what need not be opened."""
    size = file.seek(0, 2)
    if size == 0:
        raise SourceEmpty("the file has no bytes")
    if size > settings.max_source_bytes:
        raise SourceTooLarge(f"{size} bytes, at most {settings.max_source_bytes}")
    _check_boxes(file, size)
    _check_declared_size(file, size)
    return size


def _check_boxes(file: BinaryIO, size: int) -> None:
    """Refuse an MP4 that is cut off, or two in one file, before anything is spent on it: FFmpeg
    plays what is there, or the first, and says nothing. Files of other kinds, and boxes of unknown
    ones, are passed over."""
    kinds = set()
    offset = 0
    while offset < size:
        kind, length = _read_box_header(file, offset, size)
        if kind not in _KNOWN_BOXES:
            break
        if offset + length > size:
            raise SourceTruncated(f"{kind.decode()} ends at byte {offset + length} of {size}")
        if kind == b"moov" and kind in kinds:
            raise SourceJoined(f"another film ends with the index at byte {offset}")
        kinds.add(kind)
        offset += length
    if b"ftyp" in kinds and b"moov" not in kinds and offset >= size:
        raise SourceTruncated("the index (moov) is missing")


def _check_declared_size(file: BinaryIO, size: int) -> None:
    """Refuse an AVI, a WAV or a WMV that says it is longer: FFmpeg then takes its word back."""
    file.seek(0)
    declared = _read_declared_size(file.read(_HEAD_BYTES))
    if size < declared * _WHOLE_SHARE:
        raise SourceTruncated(f"{size} of {declared} bytes are there")


def _read_declared_size(head: bytes) -> int:
    """How long a file is by its own account; 0 if it does not say."""
    if head[:4] == b"RIFF" and len(head) > _RIFF_HEADER:
        length = int.from_bytes(head[4:8], "little") + _RIFF_HEADER
        return length if length < _UNKNOWN_SIZE else 0
    at = head.find(_ASF_PROPERTIES) if head.startswith(_ASF_HEADER) else -1
    properties = head[at : at + _ASF_PROPERTIES_BYTES]
    if at < 0 or len(properties) < _ASF_PROPERTIES_BYTES:
        return 0
    length, flags = struct.unpack_from("<Q", properties, 40)[0], properties[88]
    return 0 if flags & _ASF_IS_BROADCAST else int(length)


def _read_box_header(file: BinaryIO, offset: int, size: int) -> tuple[bytes, int]:
    file.seek(offset)
    header = file.read(16).ljust(16, b"\0")
    length, kind, large = struct.unpack(">I4sQ", header)
    if length == 0:
        return kind, size - offset
    return kind, max(8, large if length == 1 else length)


def read_packets(
    container: InputContainer, streams: Sequence[Stream], clock: Sequence[ClockChange] = ()
) -> Iterator["Packet[Any]"]:
    """The packets of some streams, up to the end or to where FFmpeg can read no further. With
    a `clock`, of a source read from its beginning, their times are on the straightened one."""
    try:
        packets = container.demux(*streams)
        yield from straighten(packets, clock) if clock else packets
    except MemoryError:
        raise
    except (av.FFmpegError, IndexError):
        # PyAV, having flushed all streams, trips over such as have appeared while it was reading
        return
