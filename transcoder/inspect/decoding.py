"""What the readers of segments have in common: their form, and decoding what they find."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Protocol

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.frame import VideoFrame

from transcoder.cmaf.init_reader import SampleEntry
from transcoder.inspect.presentation import Container, Look, Span
from transcoder.stills.key_frames import KeyFrameDecoder

Spans = tuple[Span | None, Span | None]


class MediaInvalid(ValueError):
    """Segments that are in none of the forms that are read here, or break theirs."""


class SegmentReader(Protocol):
    """Measures the segments of one stream one after the other, and remembers what they are."""

    container: Container
    picture: SampleEntry | None
    sound: SampleEntry | None

    @property
    def looks(self) -> set[Look]: ...

    def measure(self, content: bytes) -> Spans:
        """The spans of a segment's pictures and of its sound; raises `MediaInvalid` or
        `BoxInvalid`."""

    def judge_key_frame(self, content: bytes) -> str:
        """What is wrong with bytes that are to be one key frame; empty when nothing is."""


class PictureDecoder:
    """Decodes a stream's key frames and remembers what they look like."""

    def __init__(self, entry: SampleEntry | None) -> None:
        self.looks: set[Look] = set()
        self._decoder = None
        if entry is not None and entry.decoder is not None:
            self._decoder = KeyFrameDecoder(entry.config, entry.decoder)

    def decodes(self, content: bytes) -> bool:
        """Whether a key frame does; what nothing here can decode is taken as it is."""
        if self._decoder is None:
            return True
        frame = self._decoder.decode(content)
        if frame is not None:
            self.looks.add(_look_of(frame))
        return frame is not None


def _look_of(frame: VideoFrame) -> Look:
    return Look(
        width_px=frame.width,
        height_px=frame.height,
        is_interlaced=bool(frame.interlaced_frame),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
        matrix=int(frame.colorspace),
    )


def count_decoded(entry: SampleEntry, samples: Iterable[bytes]) -> int:
    """How many of a segment's samples decode without a fault."""
    context = CodecContext.create(entry.decoder or "", "r")
    context.extradata = entry.config or None
    good = 0
    for packet in [*map(Packet, samples), None]:
        try:
            frames: list[Any] = context.decode(packet)  # type: ignore[attr-defined]
        except MemoryError:
            raise
        except av.FFmpegError:
            continue
        good += sum(not frame.is_corrupt for frame in frames)
    return good


def usual_step(shown: Sequence[int], otherwise: int) -> int:
    """The most frequent step between neighbours in time."""
    steps = Counter(after - before for before, after in pairwise(sorted(shown)))
    return steps.most_common(1)[0][0] if steps else otherwise
