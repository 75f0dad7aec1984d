"""One picture in, a picture of each rung out: turned upright, its pixels square, its colours those
of BT.709, as large as the rung.

The way goes down first: a picture is scaled to the highest rung, and only then turned and brought
into an ordinary screen's light, which is dear; each rung is scaled from the next higher one.
"""

from collections.abc import Sequence
from fractions import Fraction
from tempfile import NamedTemporaryFile
from typing import Final

from av.video.frame import VideoFrame

from transcoder.input.colours import is_ordinary, make_cube, render_cube, transfer_of
from transcoder.input.facts import VideoFacts
from transcoder.picture.filters import Chain, Form
from transcoder.planning.ladder import Rung

_TURNS: Final[dict[int, tuple[tuple[str, dict[str, str]], ...]]] = {
    0: (),
    90: (("transpose", {"dir": "cclock"}),),
    180: (("hflip", {}), ("vflip", {})),
    270: (("transpose", {"dir": "clock"}),),
}
_BT709: Final = {
    "colorspace": "bt709",
    "range": "tv",
    "color_primaries": "bt709",
    "color_trc": "bt709",
}
_ANY: Final = Fraction(1, 1000)

# A rung's sides are even, so that its shape is not quite the picture's.
_SAME_SHAPE_PX: Final = 3


class Scaler:
    """A graph for pictures of one form."""

    def __init__(self, form: Form, chain: Chain, outputs: int) -> None:
        self._form = form
        self._chain = chain
        self._outputs = outputs

    def scale(self, frame: VideoFrame) -> list[VideoFrame]:
        """The picture of each rung, the highest first."""
        self._form.stamp(frame)
        self._chain.push(frame)
        made = [picture for pictures in self._chain.pull() for picture in pictures]
        if len(made) < self._outputs:
            # a filter that finds no memory ends the stream, and does not say why
            raise MemoryError("a picture is lost between the filters")
        return made


def scale_source(form: Form, facts: VideoFacts, rungs: Sequence[Rung]) -> Scaler:
    """From a source's pictures to `rungs`, which begin with the highest.

    A picture of another shape than the film's gets black borders.
    """
    chain = Chain(form, _ANY)
    frame = rungs[0].width_px, rungs[0].height_px
    if facts.rotation % 180:
        frame = frame[1], frame[0]
    inner = fit_into(*frame, form.width * form.pixel_aspect, form.height)
    _scale_colours(chain, form, inner, facts.peak_nits)
    if inner != frame:
        chain.add("pad", w=frame[0], h=frame[1], x="(ow-iw)/2", y="(oh-ih)/2")
    if facts.is_mirrored:
        chain.add("hflip")
    for name, options in _TURNS[facts.rotation]:
        chain.add(name, **options)
    return Scaler(form, _cascade(chain, rungs), len(rungs))


def scale_further(form: Form, rungs: Sequence[Rung]) -> Scaler:
    """From a rung's pictures to lower rungs."""
    chain = _scale_to(Chain(form, _ANY), (rungs[0].width_px, rungs[0].height_px))
    return Scaler(form, _cascade(chain, rungs), len(rungs))


def _scale_colours(chain: Chain, form: Form, size: tuple[int, int], peak_nits: int) -> None:
    """Scale, and bring colours to BT.709."""
    transfer = transfer_of(form.transfer)
    if is_ordinary(transfer, form.primaries):
        _scale_to(chain, size, out_color_matrix="bt709", out_range="tv")
    else:
        # of all forms, FFmpeg is fast with this one alone
        _scale_to(chain, size).add("format", pix_fmts="gbrp16")
        with NamedTemporaryFile("w", suffix=".cube") as file:
            file.write(render_cube(make_cube(transfer, form.primaries, peak_nits)))
            file.flush()
            chain.add("lut3d", file=file.name, interp="tetrahedral")
        chain.add("scale", out_color_matrix="bt709", out_range="tv")
    chain.add("format", pix_fmts="yuv420p")
    chain.add("setparams", **_BT709)


def _scale_to(chain: Chain, size: tuple[int, int], **options: str) -> Chain:
    return chain.add("scale", w=size[0], h=size[1], flags="bicubic", **options)


def _cascade(chain: Chain, rungs: Sequence[Rung]) -> Chain:
    """Let the first rung's pictures out here, and those of each other one scaled from it."""
    chain.add("setsar", sar=1)
    for rung in rungs[1:]:
        _scale_to(chain.branch(), (rung.width_px, rung.height_px))
    return chain.end()


def fit_into(width: int, height: int, shown_width: Fraction, shown_height: int) -> tuple[int, int]:
    """How large a picture becomes within a frame: as large as it has room, with even sides."""
    scale = min(width / shown_width, Fraction(height, shown_height))
    inner_width, inner_height = shown_width * scale, shown_height * scale
    if abs(inner_width - width) <= _SAME_SHAPE_PX and abs(inner_height - height) <= _SAME_SHAPE_PX:
        return width, height
    return max(2, round(inner_width / 2) * 2), max(2, round(inner_height / 2) * 2)
