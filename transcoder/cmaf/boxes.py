"""The CMAF writer: initialization segments and chunks (ISO/IEC 14496-12 and 23000-19) as bytes.

Times are integers in the track's timescale, so nothing is ever rounded. There is no edit list and
no negative composition offset; `transcoder.cmaf.segments` says why and how. The same input gives
the same bytes.
"""

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, repeat
from typing import Final

# ISO/IEC 14496-12 section 8.8.3.1: depends on nobody and is a sync sample, or is neither.
_SYNC_SAMPLE: Final = 0x02000000
_OTHER_SAMPLE: Final = 0x01010000

# What a run of samples takes before its rows, and a number in a row.
_RUN_BYTES: Final = 20
_FIELD_BYTES: Final = 4

_UNITY_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_TRACK_ID: Final = 1
_UNDETERMINED: Final = 0x55C4  # "und" as three five-bit letters


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """An H.264 track of square pixels, BT.709; `avc_config` is the content of its `avcC`. Each
    picture is shown for `sample_duration`."""

    width: int
    height: int
    timescale: int
    sample_duration: int
    avc_config: bytes


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """An AAC track; `audio_config` is its AudioSpecificConfig, the timescale its sample rate."""

    channels: int
    timescale: int
    sample_duration: int
    audio_config: bytes
    bit_rate_bps: int


Track = VideoTrack | AudioTrack


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded frame; `composition_offset` is its presentation less its decode time, at least 0,
    and None in a track whose frames are all decoded when they are due."""

    content: bytes
    duration: int
    composition_offset: int | None = None
    is_sync: bool = True


def write_init(track: Track) -> bytes:
    """The initialization segment of a track."""
    ftyp = _box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6", b"cmfc")
    extends = _full_box(b"trex", 0, 0, struct.pack(">5I", _TRACK_ID, 1, 0, 0, 0))
    moov = _box(b"moov", _movie_header(), _track_box(track), _box(b"mvex", extends))
    return ftyp + moov


def write_segment_type() -> bytes:
    """The box that opens every media segment."""
    return _box(b"styp", b"msdh", struct.pack(">I", 0), b"msdh", b"msix", b"cmfs")


def write_chunk(samples: Sequence[Sample], *, sequence: int, decode_time: int) -> bytes:
    """`moof` and `mdat` of some samples, all of them sync samples or none."""
    # The runs name their data's place in the chunk, which the length of `moof` decides.
    length = len(_movie_fragment(samples, sequence, decode_time, data_offset=0))
    fragment = _movie_fragment(samples, sequence, decode_time, data_offset=length + 8)
    media = [sample.content for sample in samples]
    return b"".join((fragment, _box_header(b"mdat", media), *media))


def _movie_fragment(
    samples: Sequence[Sample], sequence: int, decode_time: int, *, data_offset: int
) -> bytes:
    [(usual, _)] = Counter(sample.duration for sample in reversed(samples)).most_common(1)
    header = _full_box(
        b"tfhd",
        0,
        0x020028,  # default-base-is-moof, default duration, default flags
        struct.pack(">II", _TRACK_ID, usual),
        struct.pack(">I", _SYNC_SAMPLE if samples[0].is_sync else _OTHER_SAMPLE),
    )
    decode = _full_box(b"tfdt", 1, 0, struct.pack(">Q", decode_time))
    runs = _cut_runs(samples, usual)
    sizes = [sum(len(sample.content) for sample in run) for run in runs]
    offsets = accumulate(sizes[:-1], initial=data_offset)
    return _box(
        b"moof",
        _full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)),
        _box(b"traf", header, decode, *map(_track_run, runs, offsets, repeat(usual))),
    )


def _cut_runs(samples: Sequence[Sample], usual: int) -> list[Sequence[Sample]]:
    """Samples of the usual duration apart from others, so that only those need have theirs written
    out, if that makes less of it."""
    runs = [tuple(run) for _, run in groupby(samples, lambda sample: sample.duration == usual)]
    saved = _FIELD_BYTES * sum(sample.duration == usual for sample in samples)
    return list(runs) if saved > _RUN_BYTES * (len(runs) - 1) else [samples]


def _track_run(samples: Sequence[Sample], data_offset: int, usual: int) -> bytes:
    """A row for each sample: its size, its duration where any is not usual, its composition offset
    where the track has one. VLC shows a picture that comes without its offset, be it 0, late."""
    columns = {0x200: [len(sample.content) for sample in samples]}
    if any(sample.duration != usual for sample in samples):
        columns[0x100] = [sample.duration for sample in samples]
    offsets = [s.composition_offset for s in samples if s.composition_offset is not None]
    if offsets:
        columns[0x800] = offsets
    rows = zip(*(columns[flag] for flag in sorted(columns)), strict=True)
    return _full_box(
        b"trun",
        0,
        sum(columns) | 0x001,  # the data offset
        struct.pack(">Ii", len(samples), data_offset),
        *(struct.pack(f">{len(columns)}I", *row) for row in rows),
    )


def _movie_header() -> bytes:
    return _full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">4IiH10x", 0, 0, 1000, 0, 0x10000, 0x100),
        _UNITY_MATRIX,
        bytes(24),
        struct.pack(">I", _TRACK_ID + 1),
    )


def _track_box(track: Track) -> bytes:
    is_video = isinstance(track, VideoTrack)
    media_header = struct.pack(">4IHH", 0, 0, track.timescale, 0, _UNDETERMINED, 0)
    handler = struct.pack(">I4s12x", 0, b"vide" if is_video else b"soun")
    media = _box(
        b"mdia",
        _full_box(b"mdhd", 0, 0, media_header),
        _full_box(b"hdlr", 0, 0, handler, b"Video\0" if is_video else b"Sound\0"),
        _media_information(track),
    )
    return _box(b"trak", _track_header(track), media)


def _track_header(track: Track) -> bytes:
    is_video = isinstance(track, VideoTrack)
    width, height = (track.width, track.height) if isinstance(track, VideoTrack) else (0, 0)
    return _full_box(
        b"tkhd",
        0,
        7,  # enabled, in the movie, in its preview
        struct.pack(">5I8x", 0, 0, _TRACK_ID, 0, 0),
        struct.pack(">4h", 0, 0, 0 if is_video else 0x100, 0),
        _UNITY_MATRIX,
        struct.pack(">II", width << 16, height << 16),
    )


def _media_information(track: Track) -> bytes:
    if isinstance(track, VideoTrack):
        header, entry = _full_box(b"vmhd", 0, 1, bytes(8)), _video_entry(track)
    else:
        header, entry = _full_box(b"smhd", 0, 0, bytes(4)), _audio_entry(track)
    here = _full_box(b"url ", 0, 1)
    tables = [_full_box(kind, 0, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco")]
    return _box(
        b"minf",
        header,
        _box(b"dinf", _full_box(b"dref", 0, 0, struct.pack(">I", 1), here)),
        _box(
            b"stbl",
            _full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
            *tables,
            _full_box(b"stsz", 0, 0, bytes(8)),
        ),
    )


def _video_entry(track: VideoTrack) -> bytes:
    return _box(
        b"avc1",
        struct.pack(">6xH16x", 1),
        struct.pack(">HHIIIH", track.width, track.height, 0x480000, 0x480000, 0, 1),
        bytes(32),
        struct.pack(">Hh", 24, -1),
        _box(b"avcC", track.avc_config),
        _box(b"colr", b"nclx", struct.pack(">3HB", 1, 1, 1, 0)),
        _box(b"pasp", struct.pack(">II", 1, 1)),
    )


def _audio_entry(track: AudioTrack) -> bytes:
    return _box(
        b"mp4a",
        struct.pack(">6xH8x", 1),
        struct.pack(">HHIHH", track.channels, 16, 0, track.timescale, 0),
        _full_box(b"esds", 0, 0, _elementary_stream(track)),
    )


def _elementary_stream(track: AudioTrack) -> bytes:
    """ISO/IEC 14496-1 section 7.2.6.5: MPEG-4 audio, in an audio stream."""
    rate = track.bit_rate_bps
    decoder = struct.pack(">BB3xII", 0x40, 0x15, rate, rate) + _descriptor(5, track.audio_config)
    return _descriptor(3, struct.pack(">HB", 0, 0), _descriptor(4, decoder), _descriptor(6, b"\2"))


def _descriptor(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">BB", tag, len(content)) + content


def _full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _box(kind: bytes, *parts: bytes) -> bytes:
    return b"".join((_box_header(kind, parts), *parts))


def _box_header(kind: bytes, parts: Sequence[bytes]) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind)
