"""Reading media segments: which samples there are, where they lie and when they are shown."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from transcoder.cmaf.box_reader import (
    Box,
    BoxInvalid,
    find_box,
    read_boxes,
    read_cut_boxes,
    select_boxes,
    whole_fields,
)
from transcoder.cmaf.init_reader import TrackFacts

_TFHD_BASE_OFFSET: Final = 0x01
_TFHD_DESCRIPTION: Final = 0x02
_TFHD_DURATION: Final = 0x08
_TFHD_SIZE: Final = 0x10
_TFHD_FLAGS: Final = 0x20
_TRUN_DATA_OFFSET: Final = 0x01
_TRUN_FIRST_FLAGS: Final = 0x04
_TRUN_DURATION: Final = 0x100
_TRUN_SIZE: Final = 0x200
_TRUN_FLAGS: Final = 0x400
_TRUN_OFFSET: Final = 0x800
_TRUN_COLUMNS: Final = (_TRUN_DURATION, _TRUN_SIZE, _TRUN_FLAGS, _TRUN_OFFSET)
_IS_NO_SYNC_SAMPLE: Final = 0x10000
# A segment of an hour of PCM in one run has fewer.
_MAX_SAMPLES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """One sample of a fragment: times in the track's timescale, `offset` in the segment."""

    size_bytes: int
    decode_time: int
    duration: int
    shown_at: int
    offset: int
    is_sync: bool


@dataclass(frozen=True, slots=True)
class Fragment:
    """The samples of one track in a `moof` and its `mdat`, which lie from `offset` to `end`."""

    track_id: int
    samples: tuple[SampleFacts, ...]
    offset: int
    end: int


def read_fragments(
    segment: bytes | memoryview, *tracks: TrackFacts, is_cut: bool = False
) -> list[Fragment]:
    """The fragments of a media segment, or of a byte range of whole fragments; one for each track
    in each `moof`. Where the last `mdat` may be cut (`is_cut`), so are its fragment's samples."""
    known = {track.track_id: track for track in tracks}
    fragments: list[Fragment] = []
    header: Box | None = None
    for box in read_cut_boxes(segment) if is_cut else read_boxes(segment):
        if box.kind == b"moof":
            header = box
        elif box.kind == b"mdat" and header is not None:
            with whole_fields():
                fragments += _read_movie_fragment(header, box, known, is_cut=is_cut)
            header = None
    if header is not None:
        raise BoxInvalid("moof without mdat")
    return fragments


def _read_movie_fragment(
    header: Box, media: Box, tracks: Mapping[int, TrackFacts], *, is_cut: bool
) -> Iterator[Fragment]:
    total = 0
    data = media.end - len(media.content)
    for track in select_boxes(header.content, b"traf"):
        fragment = _read_track_fragment(track, header.offset, data, media.end, tracks)
        inside = [s for s in fragment.samples if data <= s.offset <= media.end - s.size_bytes]
        total += sum(sample.size_bytes for sample in fragment.samples)
        if not inside or (len(inside) != len(fragment.samples) and not is_cut):
            raise BoxInvalid(f"{len(fragment.samples)} samples that do not lie in their mdat")
        yield Fragment(fragment.track_id, tuple(inside), fragment.offset, fragment.end)
    if total != len(media.content) and not is_cut:
        raise BoxInvalid(f"samples of {total} bytes in an mdat of {len(media.content)}")


def _read_track_fragment(
    track: memoryview, offset: int, data: int, end: int, tracks: Mapping[int, TrackFacts]
) -> Fragment:
    header = find_box(track, b"tfhd")
    (track_id,) = struct.unpack_from(">I", header, 4)
    if track_id not in tracks:
        raise BoxInvalid(f"a fragment of track {track_id}, which is not described")
    times = find_box(track, b"tfdt")
    (decode_time,) = struct.unpack_from(">Q" if times[0] == 1 else ">I", times, 4)
    defaults = _read_defaults(header, tracks[track_id])
    samples: list[SampleFacts] = []
    place = data
    for run in select_boxes(track, b"trun"):
        flags = int.from_bytes(run[:4])
        if flags & _TRUN_DATA_OFFSET:
            place = offset + int.from_bytes(run[8:12], signed=True)
        for sample in _read_run(run, decode_time, place, defaults):
            samples.append(sample)
            decode_time = sample.decode_time + sample.duration
            place = sample.offset + sample.size_bytes
    if not samples:
        raise BoxInvalid("a fragment without samples")
    return Fragment(track_id, tuple(samples), offset, end)


def _read_defaults(header: memoryview, track: TrackFacts) -> tuple[int, int, int]:
    """A sample's default duration, size and flags; data lies where the `moof` says."""
    (flags,) = struct.unpack_from(">I", header)
    if flags & _TFHD_BASE_OFFSET:
        raise BoxInvalid("data at places in a file that is not this one")
    offset = 8 + 4 * bool(flags & _TFHD_DESCRIPTION)
    values = []
    for flag, default in (
        (_TFHD_DURATION, track.sample_duration),
        (_TFHD_SIZE, track.sample_size),
        (_TFHD_FLAGS, track.sample_flags),
    ):
        if flags & flag:
            values.append(struct.unpack_from(">I", header, offset)[0])
            offset += 4
        else:
            values.append(default)
    duration, size, sample_flags = values
    return duration, size, sample_flags


def _read_run(
    run: memoryview, decode_time: int, place: int, defaults: tuple[int, int, int]
) -> Iterator[SampleFacts]:
    flags, count = struct.unpack_from(">II", run)
    offset = 8 + 4 * bool(flags & _TRUN_DATA_OFFSET)
    duration, size, sample_flags = defaults
    first_flags = sample_flags
    if flags & _TRUN_FIRST_FLAGS:
        (first_flags,) = struct.unpack_from(">I", run, offset)
        offset += 4
    columns = [flag for flag in _TRUN_COLUMNS if flags & flag]
    signed = flags >> 24 == 1
    layout = ">" + "".join("i" if c == _TRUN_OFFSET and signed else "I" for c in columns)
    if count > _MAX_SAMPLES or offset + count * struct.calcsize(layout) > len(run):
        raise BoxInvalid(f"a run of {count} samples in {len(run)} bytes")
    for number in range(count):
        values = struct.unpack_from(layout, run, offset + number * struct.calcsize(layout))
        row = dict(zip(columns, values, strict=True))
        sample = SampleFacts(
            size_bytes=row.get(_TRUN_SIZE, size),
            decode_time=decode_time,
            duration=row.get(_TRUN_DURATION, duration),
            shown_at=decode_time + row.get(_TRUN_OFFSET, 0),
            offset=place,
            is_sync=not row.get(_TRUN_FLAGS, sample_flags if number else first_flags)
            & _IS_NO_SYNC_SAMPLE,
        )
        yield sample
        decode_time += sample.duration
        place += sample.size_bytes
