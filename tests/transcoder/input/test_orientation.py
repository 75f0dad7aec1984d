"""Eight ways up, and whatever lies between them."""

import struct
from pathlib import Path

import av
import pytest

from transcoder.input.orientation import Orientation, parse_matrix, read_orientation


def matrix(a: int, b: int, c: int, d: int) -> bytes:
    return struct.pack("=9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(
    ("content", "rotation", "is_mirrored"),
    [
        pytest.param(matrix(1, 0, 0, 1), 0, False, id="upright"),
        pytest.param(matrix(0, -1, 1, 0), 90, False, id="to be turned left"),
        pytest.param(matrix(-1, 0, 0, -1), 180, False, id="upside down"),
        pytest.param(matrix(0, 1, -1, 0), 270, False, id="to be turned right"),
        pytest.param(matrix(-1, 0, 0, 1), 0, True, id="left and right changed"),
        pytest.param(matrix(0, 1, 1, 0), 90, True, id="mirrored and to be turned left"),
        pytest.param(matrix(1, 0, 0, -1), 180, True, id="up and down changed"),
        pytest.param(matrix(0, -1, -1, 0), 270, True, id="mirrored and to be turned right"),
        pytest.param(matrix(9, 2, -2, 9), 0, False, id="hardly turned"),
        pytest.param(matrix(2, -9, 9, 2), 90, False, id="hardly more than a quarter"),
        pytest.param(matrix(0, 0, 0, 0), 0, False, id="nothing at all"),
    ],
)
def test_orientation_of_a_matrix(content: bytes, rotation: int, is_mirrored: bool) -> None:
    assert parse_matrix(content) == Orientation(rotation, is_mirrored)


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_orientation_that_a_file_brings_along(
    rotation: int, is_mirrored: bool, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        # FFmpeg turns clockwise, and mirrors afterwards
        stream.set_display_rotation(-rotation, hflip=is_mirrored)
        container.mux(stream.encode(av.VideoFrame(64, 36, "yuv420p")))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        found = read_orientation(next(container.decode(video=0)))
    assert found.is_mirrored == is_mirrored
    assert (found.rotation % 180) == rotation % 180
