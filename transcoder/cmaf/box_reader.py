"""Reading the boxes of MP4 (ISO/IEC 14496-12 section 4.2), our own and others'.

`transcoder.cmaf.init_reader` and `transcoder.cmaf.fragment_reader` know what stands in them.
All of them raise `BoxInvalid` on what does not hold together.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class BoxInvalid(ValueError):
    """Bytes that are not the boxes they should be."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: `content` is what follows its header; it lies from `offset` to `end` among those
    beside it."""

    kind: bytes
    content: memoryview
    offset: int
    end: int


@contextmanager
def whole_fields() -> Iterator[None]:
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
        yield Box(kind, view[offset + header : offset + length], offset, offset + length)
        offset += length


def read_cut_boxes(content: bytes | memoryview) -> Iterator[Box]:
    """The same where the last box may be cut off: what is there of it."""
    view, offset = memoryview(content), 0
    while len(view) - offset >= 8:
        length, kind = struct.unpack_from(">I4s", view, offset)
        end = min(offset + max(length, 8), len(view))
        yield Box(kind, view[offset + 8 : end], offset, end)
        offset = end


def find_box(content: bytes | memoryview, *path: bytes) -> memoryview:
    """The content of the first box at `path`; raises `BoxInvalid` when it is not there."""
    view = memoryview(content)
    for kind in path:
        found = next(select_boxes(view, kind), None)
        if found is None:
            raise BoxInvalid(f"no {b'/'.join(path).decode('latin-1')}")
        view = found
    return view


def select_boxes(content: bytes | memoryview, kind: bytes) -> Iterator[memoryview]:
    """The contents of all boxes of a kind."""
    return (box.content for box in read_boxes(content) if box.kind == kind)


def find_media(fragment: bytes | memoryview) -> bytes:
    """The media of a fragment that holds a single sample."""
    return bytes(find_box(fragment, b"mdat"))
