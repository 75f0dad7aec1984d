"""Pictures of a finished rung, read back from the store."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.video.frame import VideoFrame

from shared.asset import FIRST_SEGMENT
from transcoder.cmaf.box_reader import find_media
from transcoder.cmaf.boxes import write_init
from transcoder.cmaf.film import VideoRendition
from transcoder.errors import PackageFaulty
from transcoder.stills.key_frames import KeyFrameDecoder

# Half a picture at 60 a second: times are compared in seconds.
_TOLERANCE_S: Final = Fraction(1, 120)

# Reads a part of a file of the asset: name, offset and length in bytes.
Reader = Callable[[str, int, int], bytes]


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """Where a rendition's key frame lies, and the moment it shows."""

    start_s: Fraction
    name: str
    offset: int
    length: int


class PictureReader:
    """Reads key frames of one rung, and what follows the last of them."""

    def __init__(self, rendition: VideoRendition, read: Reader) -> None:
        self.key_frames = tuple(_list_key_frames(rendition))
        self._rendition = rendition
        self._read = read
        self._decoder = KeyFrameDecoder(rendition.track.avc_config)

    def read_key_frame(self, number: int) -> VideoFrame:
        """A key frame, counted from 0."""
        key_frame = self.key_frames[number]
        chunk = self._read(key_frame.name, key_frame.offset, key_frame.length)
        frame = self._decoder.decode(find_media(chunk))
        if frame is None:
            raise PackageFaulty(f"{key_frame.name}: no picture at byte {key_frame.offset}")
        return frame

    def read_near_end(self, moment_s: Fraction) -> VideoFrame:
        """The first picture at `moment_s` or later, which lies in the last group of pictures."""
        last = self.key_frames[-1]
        size_bytes = self._rendition.segments[-1].size_bytes
        group = self._read(last.name, last.offset, size_bytes - last.offset)
        content = io.BytesIO(write_init(self._rendition.track) + group)
        with av.open(content, "r", format="mp4") as container:
            for frame in container.decode(video=0):
                if frame.time >= moment_s - _TOLERANCE_S:
                    return frame
        raise PackageFaulty(f"{last.name}: no picture at {float(moment_s):.2f} s")


def _list_key_frames(rendition: VideoRendition) -> Iterator[KeyFrame]:
    start_s = Fraction(0)
    for number, segment in enumerate(rendition.segments, start=FIRST_SEGMENT):
        for chunk in segment.key_chunks:
            yield KeyFrame(start_s, f"{rendition.folder}/{number}.m4s", chunk.offset, chunk.length)
            start_s += chunk.duration_s
