"""Reading CMAF back: what an initialization segment and the fragments of a segment hold.

Knows the boxes that packagers write into fragmented MP4 (ISO/IEC 14496-12 section 8.8), ours and
others', and raises `BoxInvalid` on what does not hold together.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

_TFHD_BASE_OFFSET: Final = 0x01
_TFHD_DESCRIPTION: Final = 0x02
_TFHD_DURATION: Final = 0x08
_TFHD_SIZE: Final = 0x10
_TRUN_DATA_OFFSET: Final = 0x01
_TRUN_FIRST_FLAGS: Final = 0x04
_TRUN_DURATION: Final = 0x100
_TRUN_SIZE: Final = 0x200
_TRUN_FLAGS: Final = 0x400
_TRUN_OFFSET: Final = 0x800


class BoxInvalid(ValueError):
    """Bytes that are not the boxes they should be."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: `content` is what follows its header."""

    kind: bytes
    content: memoryview


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """One sample of a fragment; times in the track's timescale."""

    size_bytes: int
    decode_time: int
    duration: int
    shown_at: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """A `moof` with its `mdat`."""

    samples: tuple[SampleFacts, ...]
    media: memoryview


@dataclass(frozen=True, slots=True)
class InitFacts:
    """What a one-track initialization segment says; `avc_config` only of H.264."""

    timescale: int
    sample_duration: int
    avc_config: bytes | None


@contextmanager
def _whole() -> Iterator[None]:
    """Fields that lie beyond the end of their box make it invalid."""
    try:
        yield
    except (struct.error, IndexError) as error:
        raise BoxInvalid(str(error)) from error


def read_boxes(content: bytes | memoryview) -> Iterator[Box]:
    """The boxes that stand side by side in `content`."""
    view, offset = memoryview(content), 0
    while offset < len(view):
        if len(view) - offset < 8:
            raise BoxInvalid(f"{len(view) - offset} stray bytes")
        length, kind = struct.unpack_from(">I4s", view, offset)
        header = 8
        if length == 1 and len(view) - offset >= 16:
            (length,), header = struct.unpack_from(">Q", view, offset + 8), 16
        if not header <= length <= len(view) - offset:
            raise BoxInvalid(f"{kind!r} is {length} bytes long, {len(view) - offset} are there")
        yield Box(kind, view[offset + header : offset + length])
        offset += length


def find_box(content: bytes | memoryview, *path: bytes) -> memoryview:
    """The content of the first box at `path`; raises `BoxInvalid` when it is not there."""
    view = memoryview(content)
    for kind in path:
        found = next((box.content for box in read_boxes(view) if box.kind == kind), None)
        if found is None:
            raise BoxInvalid(f"no {b'/'.join(path).decode('latin-1')}")
        view = found
    return view


def find_media(fragment: bytes | memoryview) -> bytes:
    """The media of a fragment that holds a single sample."""
    return bytes(find_box(fragment, b"mdat"))


def read_init(content: bytes) -> InitFacts:
    """Read an initialization segment of one track."""
    with _whole():
        return _read_init(content)


def _read_init(content: bytes) -> InitFacts:
    media = find_box(content, b"moov", b"trak", b"mdia")
    header = find_box(media, b"mdhd")
    (timescale,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    extends = find_box(content, b"moov", b"mvex", b"trex")
    (duration,) = struct.unpack_from(">I", extends, 12)
    entries = find_box(media, b"minf", b"stbl", b"stsd")[8:]
    return InitFacts(timescale, duration, _read_avc_config(entries))


def _read_avc_config(entries: memoryview) -> bytes | None:
    for entry in read_boxes(entries):
        if entry.kind == b"avc1":
            return bytes(find_box(entry.content[78:], b"avcC"))
    return None


def read_fragments(segment: bytes | memoryview, init: InitFacts) -> list[Fragment]:
    """The fragments of a media segment, or of a byte range of whole fragments."""
    fragments: list[Fragment] = []
    header: memoryview | None = None
    for box in read_boxes(segment):
        if box.kind == b"moof":
            header = box.content
        elif box.kind == b"mdat" and header is not None:
            with _whole():
                fragments.append(_read_fragment(header, box.content, init))
            header = None
    if header is not None:
        raise BoxInvalid("moof without mdat")
    return fragments


def _read_fragment(header: memoryview, media: memoryview, init: InitFacts) -> Fragment:
    track = find_box(header, b"traf")
    times = find_box(track, b"tfdt")
    (decode_time,) = struct.unpack_from(">Q" if times[0] == 1 else ">I", times, 4)
    defaults = _read_defaults(find_box(track, b"tfhd"), init)
    samples: list[SampleFacts] = []
    for run in (box.content for box in read_boxes(track) if box.kind == b"trun"):
        for sample in _read_run(run, decode_time, *defaults):
            samples.append(sample)
            decode_time = sample.decode_time + sample.duration
    size = sum(sample.size_bytes for sample in samples)
    if not samples or size != len(media):
        raise BoxInvalid(f"{len(samples)} samples of {size} bytes in an mdat of {len(media)}")
    return Fragment(tuple(samples), media)


def _read_defaults(header: memoryview, init: InitFacts) -> tuple[int, int]:
    """A sample's default duration and size."""
    (flags,) = struct.unpack_from(">I", header)
    offset = 8 + 8 * bool(flags & _TFHD_BASE_OFFSET) + 4 * bool(flags & _TFHD_DESCRIPTION)
    duration, size = init.sample_duration, 0
    if flags & _TFHD_DURATION:
        (duration,) = struct.unpack_from(">I", header, offset)
        offset += 4
    if flags & _TFHD_SIZE:
        (size,) = struct.unpack_from(">I", header, offset)
    return duration, size


def _read_run(
    run: memoryview, decode_time: int, default_duration: int, default_size: int
) -> Iterator[SampleFacts]:
    flags, count = struct.unpack_from(">II", run)
    offset = 8 + 4 * bool(flags & _TRUN_DATA_OFFSET) + 4 * bool(flags & _TRUN_FIRST_FLAGS)
    columns = [
        flag for flag in (_TRUN_DURATION, _TRUN_SIZE, _TRUN_FLAGS, _TRUN_OFFSET) if flags & flag
    ]
    signed = flags >> 24 == 1
    layout = ">" + "".join("i" if c == _TRUN_OFFSET and signed else "I" for c in columns)
    if offset + count * struct.calcsize(layout) > len(run):
        raise BoxInvalid(f"a run of {count} samples in {len(run)} bytes")
    for number in range(count):
        values = struct.unpack_from(layout, run, offset + number * struct.calcsize(layout))
        row = dict(zip(columns, values, strict=True))
        duration = row.get(_TRUN_DURATION, default_duration)
        shown_at = decode_time + row.get(_TRUN_OFFSET, 0)
        yield SampleFacts(row.get(_TRUN_SIZE, default_size), decode_time, duration, shown_at)
        decode_time += duration
