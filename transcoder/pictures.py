"""From decoded pictures to the pictures of each rung: upright, square, at a constant rate, scaled.

One filter graph does it all: pictures are put on the output's time grid, turned, scaled to the
highest rung and from each rung to the next lower one. Each rung gets references of its own, since
an encoder changes the frames it is given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

from av.error import BlockingIOError as NothingYet
from av.error import EOFError as Finished
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter

from transcoder.ladder import Rung

_TURNS: Final = {
    0: (),
    90: (("transpose", "dir=cclock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "dir=clock"),),
}

# Colour matrices by their numbers in ITU-T H.273, as FFmpeg has them too.
_RGB: Final = 0
_BT709: Final = 1
_UNSPECIFIED: Final = 2
_BT601: Final = 6
_HD_SIDE_PX: Final = 720


@dataclass(frozen=True, slots=True)
class _Form:
    """What all pictures that enter a graph have in common."""

    width: int
    height: int
    pixels: str
    matrix: int
    color_range: int


class Pictures:
    """Pictures in, pictures of every rung out. `rungs` begin with the lowest; `rotation` is in
    degrees counter-clockwise."""

    def __init__(self, rungs: Sequence[Rung], *, rotation: int) -> None:
        self._rungs = rungs
        self._rotation = rotation
        self._form: _Form | None = None
        self._graph = Graph()
        self._sinks: list[FilterContext] = []
        self._reformatter = VideoReformatter()

    def push(self, frame: VideoFrame) -> Iterator[tuple[int, VideoFrame]]:
        """Yield (number of the rung, its picture) for all that `frame` makes ready. Its `pts`
        counts from the film's beginning; how long the last one stands is its `duration`."""
        if self._form is None:
            self._form = _form_of(frame)
            self._build(self._form, frame.time_base or Fraction(1, 1000))
        yield from self._drain(self._conform(frame, self._form))

    def finish(self) -> Iterator[tuple[int, VideoFrame]]:
        """Yield what is left."""
        if self._form is not None:
            yield from self._drain(None)

    def _drain(self, frame: VideoFrame | None) -> Iterator[tuple[int, VideoFrame]]:
        """Pull from each rung in turn: one picture may have to stand for minutes, and in front
        of a rung that is left behind all of them would pile up."""
        self._graph.push(frame)
        waiting = True
        while waiting:
            waiting = False
            for number, sink in enumerate(self._sinks):
                picture = _pull(sink)
                if picture is not None:
                    waiting = True
                    yield number, picture

    def _conform(self, frame: VideoFrame, form: _Form) -> VideoFrame:
        """Give a picture the form of the first, should the source change in its midst."""
        if (frame.width, frame.height, frame.format.name) != (form.width, form.height, form.pixels):
            pts, time_base = frame.pts, frame.time_base
            frame = self._reformatter.reformat(
                frame, form.width, form.height, form.pixels, threads=1
            )
            frame.pts, frame.time_base = pts, time_base
        frame.colorspace = form.matrix
        frame.color_range = form.color_range
        return frame

    def _build(self, form: _Form, time_base: Fraction) -> None:
        rate = self._rungs[-1].frame_rate
        node = self._graph.add(
            "buffer",
            video_size=f"{form.width}x{form.height}",
            pix_fmt=form.pixels,
            time_base=str(time_base),
            pixel_aspect="1/1",
            colorspace=str(form.matrix),
            range=str(form.color_range),
        )
        node = self._append(node, "fps", f"fps={rate}:start_time=0")
        for name, arguments in _TURNS[self._rotation % 360]:
            node = self._append(node, name, arguments)
        for rung in reversed(self._rungs):
            if rung.frame_rate != rate:
                rate, node = rung.frame_rate, self._append(node, "framestep", "step=2")
            node = self._offer(self._scale(node, rung), is_last=rung is self._rungs[0])
        self._graph.configure()

    def _scale(self, node: FilterContext, rung: Rung) -> FilterContext:
        size = f"w={rung.width_px}:h={rung.height_px}"
        colours = "out_color_matrix=bt709:out_range=tv"
        node = self._append(node, "scale", f"{size}:{colours}:flags=bicubic")
        node = self._append(node, "format", "pix_fmts=yuv420p")
        return self._append(node, "setsar", "sar=1")

    def _offer(self, node: FilterContext, *, is_last: bool) -> FilterContext:
        """Let pictures out at `node`; returns where the next lower rung goes on."""
        if not is_last:
            node = self._append(node, "split", "outputs=2")
        self._sinks.insert(0, self._append(node, "buffersink", ""))
        return node if is_last else self._append(node, "null", "", output=1)

    def _append(
        self, node: FilterContext, name: str, arguments: str, output: int = 0
    ) -> FilterContext:
        added = self._graph.add(name, arguments or None)
        node.link_to(added, output)
        return added


def _form_of(frame: VideoFrame) -> _Form:
    """Where the source does not say how its colours are meant: as HDTV has them from 720 lines,
    as television has them below."""
    if frame.format.is_rgb:
        matrix, full = _RGB, True
    else:
        guess = _BT709 if min(frame.width, frame.height) >= _HD_SIDE_PX else _BT601
        matrix = guess if frame.colorspace == _UNSPECIFIED else frame.colorspace
        full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return _Form(
        width=frame.width,
        height=frame.height,
        pixels=frame.format.name,
        matrix=matrix,
        color_range=ColorRange.JPEG if full else ColorRange.MPEG,
    )


def _pull(sink: FilterContext) -> VideoFrame | None:
    try:
        return cast("VideoFrame", sink.pull())
    except (NothingYet, Finished):
        return None
