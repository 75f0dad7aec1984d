"""Whether pictures are whole, or have two fields woven into them, of two moments.

FFmpeg's `idet` tells by how lines differ from those of the pictures before and after. Text that is
scrolled by an even number of lines, as in recordings of screens, it takes for fields; so it is
asked once more how well the lines of a picture belong together.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Final

import numpy as np
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as Finished
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from transcoder.input.facts import Scan

_SCANS: Final = {
    "tff": Scan.TOP_FIRST,
    "bff": Scan.BOTTOM_FIRST,
    "progressive": Scan.PROGRESSIVE,
}

# Of 255: what changes by more moves.
_MOVES: Final = 16
# Lines of two moments differ as much within a picture as across two.
_CLEARLY: Final = 0.8

_Luma = NDArray[np.int16]


def find_fields(pictures: Sequence[VideoFrame]) -> list[Scan]:
    """What each of successive pictures is made of, as far as that can be seen."""
    if not pictures:
        return []
    alike = [picture for picture in pictures if _has_same_form(picture, pictures[0])]
    neighbours = [*alike[1:2], *alike[:-1]] or alike
    answers = zip(_ask_filter(alike), alike, neighbours, strict=True)
    return [_judge(_SCANS[said], *two) for said, *two in answers if said in _SCANS]


def _judge(said: Scan, picture: VideoFrame, neighbour: VideoFrame) -> Scan:
    if said is Scan.PROGRESSIVE or _is_whole(picture, neighbour):
        return Scan.PROGRESSIVE
    return said


def _is_whole(picture: VideoFrame, neighbour: VideoFrame) -> bool:
    """Whether, where something moves, the lines of a picture fit each other clearly better than
    those of the picture before or after. Of fields, one fits those on either side of it alike."""
    own, other = _read_luma(picture), _read_luma(neighbour)
    moves = np.abs(own - other) > _MOVES
    moving = moves[0::2] | moves[1::2]
    across = min(_differ(own, other, moving), _differ(other, own, moving))
    return _differ(own, own, moving) < _CLEARLY * across


def _differ(upper: _Luma, lower: _Luma, where: NDArray[np.bool_]) -> int:
    """How much the upper field of one picture differs from the lower one of another."""
    return int(np.abs(upper[0::2] - lower[1::2])[where].sum(dtype=np.int64))


def _read_luma(picture: VideoFrame) -> _Luma:
    luma = picture.to_ndarray(format="gray").astype(np.int16)
    return luma[: len(luma) // 2 * 2]


def _ask_filter(pictures: Sequence[VideoFrame]) -> Iterator[str]:
    """What the filter says of each picture; it looks at some before it says anything."""
    first = pictures[0]
    graph = Graph()
    node = graph.add_buffer(
        width=first.width, height=first.height, format=first.format, time_base=Fraction(1)
    )
    for name in ("idet", "buffersink"):
        node, previous = graph.add(name), node
        previous.link_to(node)
    graph.configure()
    for picture in (*pictures, None):
        graph.push(picture)
        yield from _pull(node)


def _has_same_form(one: VideoFrame, other: VideoFrame) -> bool:
    return (one.width, one.height, one.format.name) == (
        other.width,
        other.height,
        other.format.name,
    )


def _pull(sink: FilterContext) -> Iterator[str]:
    with suppress(NothingYet, Finished):
        while True:
            yield str(sink.pull().metadata.get("lavfi.idet.multiple.current_frame", ""))
