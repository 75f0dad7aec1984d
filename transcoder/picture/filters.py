"""FFmpeg's filter graphs, as far as they are needed here: one way in, one chain or several ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Self, cast

from av.error import BlockingIOError as NothingYet
from av.error import EOFError as Finished
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange


@dataclass(frozen=True, slots=True)
class Form:
    """What all pictures that enter a graph have in common; colours by their numbers in ITU-T
    H.273, a pixel's width by its height."""

    width: int
    height: int
    pixels: str
    matrix: int
    is_full_range: bool
    primaries: int
    transfer: int
    pixel_aspect: Fraction = Fraction(1)

    def stamp(self, frame: VideoFrame) -> None:
        """Have a frame say itself what its form says of its colours."""
        frame.colorspace = self.matrix
        frame.color_range = _range(self.is_full_range)


class Chain:
    """A graph that is built filter by filter, from its source to its sinks.

    PyAV's own way to add a source takes no colours along.
    """

    def __init__(self, form: Form, time_base: Fraction) -> None:
        self._graph = Graph()
        self._sinks: list[FilterContext] = []
        self._output = 0
        self._node = self._graph.add(
            "buffer",
            video_size=f"{form.width}x{form.height}",
            pix_fmt=form.pixels,
            time_base=str(time_base),
            pixel_aspect="1/1",
            colorspace=str(form.matrix),
            range=str(_range(form.is_full_range)),
        )

    def add(self, name: str, **options: str | int) -> Self:
        """Append a filter."""
        node = self._graph.add(name, **{key: str(value) for key, value in options.items()})
        self._node.link_to(node, self._output)
        self._node, self._output = node, 0
        return self

    def end(self) -> Self:
        """Let frames out here; the graph is complete."""
        self.add("buffersink")
        self._sinks.append(self._node)
        self._graph.configure()
        return self

    def branch(self) -> Self:
        """Let frames out here, and go on."""
        self.add("split", outputs=2)
        split = self._node
        self.add("buffersink")
        self._sinks.append(self._node)
        self._node, self._output = split, 1
        return self

    def push(self, frame: VideoFrame | None) -> None:
        """Give a frame in; None for the end."""
        self._graph.push(frame)

    def pull(self) -> Iterator[list[VideoFrame]]:
        """What is ready: frames of the same moment, one of each sink, the first sink's first."""
        while True:
            frames = [_pull(sink) for sink in self._sinks]
            ready = [frame for frame in frames if frame is not None]
            if not ready:
                return
            yield ready


def _pull(sink: FilterContext) -> VideoFrame | None:
    try:
        return cast("VideoFrame", sink.pull())
    except (NothingYet, Finished):
        return None


def _range(is_full: bool) -> int:
    return int(ColorRange.JPEG if is_full else ColorRange.MPEG)
