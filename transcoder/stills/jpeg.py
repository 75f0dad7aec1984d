"""Pictures as JPEG files."""

from fractions import Fraction
from typing import Any, Final

import av
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

_BIT_EXACT: Final = 1 << 23  # names no version of the library in the file


def scale_picture(frame: VideoFrame, width: int, height: int) -> NDArray[Any]:
    """A decoded BT.709 picture as an array of RGB values, of the given size."""
    scaled = VideoReformatter().reformat(
        frame,
        width,
        height,
        "rgb24",
        src_colorspace=Colorspace.ITU709,
        interpolation=Interpolation.BICUBIC,
        threads=1,
    )
    return scaled.to_ndarray()


def fit_picture(frame: VideoFrame, width: int, height: int) -> NDArray[Any]:
    """A decoded picture of any kind as an array of RGB values, made to fit into a size, its sides
    even; nothing is scaled up."""
    share = min(Fraction(width, frame.width), Fraction(height, frame.height), Fraction(1))
    across, down = (max(2, int(side * share) // 2 * 2) for side in (frame.width, frame.height))
    fitted = VideoReformatter().reformat(
        frame, across, down, "rgb24", interpolation=Interpolation.BICUBIC, threads=1
    )
    return fitted.to_ndarray()


def encode_jpeg(picture: NDArray[Any], *, quality: int) -> bytes:
    """A JPEG file of an RGB array; `quality` runs from 2, the best, to 31."""
    frame = VideoFrame.from_ndarray(picture, format="rgb24").reformat(
        format="yuvj420p", dst_colorspace=Colorspace.ITU601, threads=1
    )
    frame.pts = 0
    context = av.CodecContext.create("mjpeg", "w")
    context.width, context.height = frame.width, frame.height
    context.pix_fmt = "yuvj420p"
    context.time_base = Fraction(1)
    context.flags |= _BIT_EXACT
    context.options = {"qmin": str(quality), "qmax": str(quality)}
    return b"".join(map(bytes, context.encode(frame) + context.encode(None)))
