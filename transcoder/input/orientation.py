"""Which way up a picture is, read from the display matrix that telephones and cameras write."""

import struct
from dataclasses import dataclass
from math import atan2, pi
from typing import Final

from av.video.frame import VideoFrame

from transcoder.input.side_data import read_side_data

_SIZE: Final = struct.calcsize("=9i")


@dataclass(frozen=True, slots=True)
class Orientation:
    """To be mirrored left to right if `is_mirrored`, then turned counter-clockwise, in degrees."""

    rotation: int = 0
    is_mirrored: bool = False


def read_orientation(frame: VideoFrame) -> Orientation:
    """How a decoded picture is to be turned."""
    content = read_side_data(frame, "DISPLAYMATRIX")
    return parse_matrix(content) if len(content) >= _SIZE else Orientation()


def parse_matrix(content: bytes) -> Orientation:
    """Of any turn, the nearest quarter. The matrix (ISO/IEC 14496-12, 6.2.2) takes a point (p, q),
    q downwards, to (a p + c q, b p + d q)."""
    a, b, _, c, d, *_ = struct.unpack("=9i", content[:_SIZE])
    is_mirrored = a * d - b * c < 0
    if is_mirrored:
        a, b = -a, -b
    quarters = round(atan2(c - b, a + d) / (pi / 2))
    return Orientation(quarters % 4 * 90, is_mirrored)
