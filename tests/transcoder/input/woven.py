"""Pictures with and without fields."""

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from transcoder.input.facts import Scan


def draw_field(number: int) -> NDArray[np.uint8]:
    """Something with edges that moves to the right."""
    field = np.full((72, 128, 3), 20, np.uint8)
    field[10:60, 4 * number : 4 * number + 24] = 230
    return field


def to_frame(picture: NDArray[np.uint8]) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    return frame


def take(scan: Scan, count: int = 10) -> list[av.VideoFrame]:
    pictures = []
    for number in range(count):
        picture = draw_field(2 * number)
        if scan is not Scan.PROGRESSIVE:
            later = 1 if scan is Scan.TOP_FIRST else 0
            picture[later::2] = draw_field(2 * number + 1)[later::2]
        pictures.append(to_frame(picture))
    return pictures
