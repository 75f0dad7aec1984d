"""What travels beside a decoded picture, as FFmpeg lays it out in memory."""

from collections.abc import Mapping
from typing import cast

from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame


def read_side_data(frame: VideoFrame, kind: str) -> bytes:
    """The content of one kind of side data; nothing where the picture has none of it."""
    found = cast("Mapping[str, SideData]", frame.side_data).get(kind)
    return b"" if found is None else bytes(found)
