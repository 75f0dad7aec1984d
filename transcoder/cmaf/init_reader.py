"""Reading initialization segments: which tracks there are, and how they are coded.

Names of codecs are those of RFC 6381 section 3.3, as far as they are made up here; of others the
sample entry's four letters.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from transcoder.cmaf.box_reader import BoxInvalid, find_box, read_boxes, select_boxes, whole_fields
from transcoder.cmaf.codecs import name_aac, name_avc

_CONFIG_BOXES: Final = {"avc1": b"avcC", "avc3": b"avcC", "hvc1": b"hvcC", "hev1": b"hvcC"}
_DECODERS: Final = {
    "avc1": "h264",
    "avc3": "h264",
    "hvc1": "hevc",
    "hev1": "hevc",
    "av01": "libdav1d",
    "vp09": "vp9",
    "mp4a": "aac",
    "ac-3": "ac3",
    "ec-3": "eac3",
}
_VISUAL_FIELDS: Final = 78
_SOUND_FIELDS: Final = 28
_STREAM, _DECODER, _DECODER_SPECIFIC = 3, 4, 5


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """How the samples of a track are coded: `kind` is the entry's four letters, `decoder` FFmpeg's
    name of what reads them (None: nothing here does), `config` what that needs beforehand."""

    kind: str
    codecs: str
    decoder: str | None
    config: bytes
    width_px: int | None = None
    height_px: int | None = None
    channels: int | None = None


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """What an initialization segment says of a track: `shift_s` is how much later than their
    composition times an edit list has samples shown, `begins_s` when the first is that it does not
    hide; the rest are defaults of its samples."""

    track_id: int
    kind: str
    timescale: int
    entry: SampleEntry
    shift_s: Fraction = Fraction(0)
    begins_s: Fraction | None = None
    sample_duration: int = 0
    sample_size: int = 0
    sample_flags: int = 0


def read_init(content: bytes) -> TrackFacts:
    """Read an initialization segment of one track."""
    return read_tracks(content)[0]


def read_tracks(content: bytes) -> tuple[TrackFacts, ...]:
    """Read an initialization segment: its tracks in order, at least one."""
    with whole_fields():
        movie = find_box(content, b"moov")
        header = find_box(movie, b"mvhd")
        (timescale,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
        extends = {
            int.from_bytes(trex[4:8]): trex
            for trex in select_boxes(find_box(movie, b"mvex"), b"trex")
        }
        tracks = tuple(_read_track(t, extends, timescale) for t in select_boxes(movie, b"trak"))
    if not tracks:
        raise BoxInvalid("no moov/trak")
    return tracks


def _read_track(
    track: memoryview, extends: Mapping[int, memoryview], movie_timescale: int
) -> TrackFacts:
    header = find_box(track, b"tkhd")
    (track_id,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    if track_id not in extends:
        raise BoxInvalid(f"no moov/mvex/trex of track {track_id}")
    media = find_box(track, b"mdia")
    header = find_box(media, b"mdhd")
    (timescale,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    duration, size, flags = struct.unpack_from(">3I", extends[track_id], 12)
    entry = next(read_boxes(find_box(media, b"minf", b"stbl", b"stsd")[8:]), None)
    if entry is None or not timescale:
        raise BoxInvalid("a track without a sample entry or a timescale")
    shift_s, begins_s = _read_edits(track, movie_timescale, timescale)
    return TrackFacts(
        track_id=track_id,
        kind=bytes(find_box(media, b"hdlr")[8:12]).decode("latin-1"),
        timescale=timescale,
        entry=_read_sample_entry(entry.kind, entry.content),
        shift_s=shift_s,
        begins_s=begins_s,
        sample_duration=duration,
        sample_size=size,
        sample_flags=flags,
    )


def _read_edits(
    track: memoryview, movie_timescale: int, timescale: int
) -> tuple[Fraction, Fraction | None]:
    """Of an edit list, what packagers use it for: an empty edit, then where the media begins."""
    empty_s = Fraction(0)
    for edits in select_boxes(track, b"edts"):
        table = find_box(edits, b"elst")
        layout = ">Qq4x" if table[0] == 1 else ">Ii4x"
        for row in struct.iter_unpack(layout, table[8 : 8 + 2 * struct.calcsize(layout)]):
            duration, begins = row
            if begins >= 0:
                return empty_s - Fraction(begins, timescale), empty_s
            empty_s += Fraction(duration, movie_timescale)
    return empty_s, None


def _read_sample_entry(kind: bytes, content: memoryview) -> SampleEntry:
    name = kind.decode("latin-1")
    if name in _CONFIG_BOXES:
        return _read_visual_entry(name, content)
    if name == "mp4a":
        return _read_aac_entry(name, content)
    return SampleEntry(name, name, _DECODERS.get(name), b"")


def _read_visual_entry(name: str, content: memoryview) -> SampleEntry:
    width, height = struct.unpack_from(">HH", content, 24)
    config = bytes(find_box(content[_VISUAL_FIELDS:], _CONFIG_BOXES[name]))
    codecs = name_avc(config) if name == "avc1" else name
    return SampleEntry(name, codecs, _DECODERS[name], config, width, height)


def _read_aac_entry(name: str, content: memoryview) -> SampleEntry:
    config = _find_audio_config(find_box(content[_SOUND_FIELDS:], b"esds")[4:])
    if len(config) < 2:
        raise BoxInvalid("AAC without its configuration")
    channels = (config[1] >> 3) & 15
    return SampleEntry(
        name, name_aac(config), _DECODERS[name], config, channels=8 if channels == 7 else channels
    )


def _find_audio_config(descriptors: memoryview) -> bytes:
    """The AudioSpecificConfig in an elementary stream descriptor (ISO/IEC 14496-1 section 7.2.6),
    which lies in it two descriptors deep."""
    while len(descriptors) > 1:
        tag, length, descriptors = _read_descriptor_head(descriptors)
        if tag == _DECODER_SPECIFIC:
            return bytes(descriptors[:length])
        if tag == _STREAM:
            flags = descriptors[2]
            url = 1 + descriptors[3 + 2 * (flags >> 7)] if flags & 0x40 else 0
            descriptors = descriptors[3 + 2 * (flags >> 7) + url + 2 * (flags >> 5 & 1) :]
        else:
            descriptors = descriptors[13 if tag == _DECODER else length :]
    return b""


def _read_descriptor_head(descriptors: memoryview) -> tuple[int, int, memoryview]:
    tag, length = descriptors[0], 0
    for place in range(1, 5):
        length = length << 7 | descriptors[place] & 0x7F
        if descriptors[place] < 0x80:
            return tag, length, descriptors[place + 1 :]
    raise BoxInvalid("a descriptor whose length has no end")
