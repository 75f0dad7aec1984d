"""What shape pixels have."""

from fractions import Fraction
from typing import Final

from av.video.stream import VideoStream

# Containers that say nothing of it: television changes it from one programme to the next.
_SAID_BY_PICTURES: Final = frozenset({"mpegts", "mpeg"})

_SQUARE: Final = Fraction(1)
_NARROWEST: Final = Fraction(1, 4)
_WIDEST: Final = 4


def read_pixel_aspect(stream: VideoStream) -> Fraction:
    """A pixel's width by its height in the picture that was decoded last; square where the file
    says nothing sensible."""
    if stream.container.format.name in _SAID_BY_PICTURES:
        aspect = stream.codec_context.sample_aspect_ratio
    else:
        aspect = stream.sample_aspect_ratio
    return aspect if aspect and _NARROWEST <= aspect <= _WIDEST else _SQUARE
