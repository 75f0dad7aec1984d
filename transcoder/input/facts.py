"""What a source holds, as it was measured: plain values, from the probe to the plan and on.

Times are seconds on the source's own time line, which need not begin at 0.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class Transfer(StrEnum):
    """How light is written down: as on any television, or with a high dynamic range."""

    SDR = "sdr"
    PQ = "pq"
    HLG = "hlg"


class Scan(StrEnum):
    """Whole pictures, or two fields in each, of which one is shown first."""

    PROGRESSIVE = "progressive"
    TOP_FIRST = "top_first"
    BOTTOM_FIRST = "bottom_first"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture: coded size in pixels, their shape, how it is to be turned and cleaned.

    It is to be mirrored left to right if `is_mirrored`, then turned `rotation` degrees
    counter-clockwise. `frame_rate` counts pictures as coded and is measured, None for a single
    one; `end_s` is when the last one is over. Where a container has no times but those of
    decoding, pictures leave the decoder `decode_delay_s` after they are shown. `peak_nits` is
    the brightest that HDR pictures are meant to be.
    """

    stream: int
    start_s: Fraction
    end_s: Fraction
    width: int
    height: int
    frame_rate: Fraction | None
    pixel_aspect: Fraction = Fraction(1)
    rotation: int = 0
    is_mirrored: bool = False
    codec: str = ""
    pixels: str = "yuv420p"
    scan: Scan = Scan.PROGRESSIVE
    transfer: Transfer = Transfer.SDR
    peak_nits: int = 1000
    bit_rate_bps: int | None = None
    pictures: int = 0
    decode_delay_s: Fraction | None = None

    def display_size(self) -> tuple[int, int]:
        """Width and height in square pixels, as a viewer is to see it."""
        width = max(1, round(self.width * self.pixel_aspect))
        return (self.height, width) if self.rotation % 180 else (width, self.height)

    @property
    def shown_rate(self) -> Fraction | None:
        """Pictures a second as a viewer is to see them: of interlaced ones, each field is one."""
        if self.frame_rate is None or self.scan is Scan.PROGRESSIVE:
            return self.frame_rate
        return self.frame_rate * 2


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """One track of sound. `language` is as the file writes it, None where it does not say."""

    stream: int
    start_s: Fraction
    end_s: Fraction
    channels: int = 2
    layout: str = "stereo"
    rate_hz: int = 48_000
    codec: str = ""
    language: str | None = None
    title: str | None = None
    is_default: bool = False
    bit_rate_bps: int | None = None


@dataclass(frozen=True, slots=True)
class TextFacts:
    """One track of captions that are text."""

    stream: int
    codec: str
    language: str | None = None
    title: str | None = None
    is_default: bool = False
    is_forced: bool = False
    is_sdh: bool = False


@dataclass(frozen=True, slots=True)
class ChapterFacts:
    """A part of the film that has a name, perhaps an empty one."""

    start_s: Fraction
    end_s: Fraction
    title: str


@dataclass(frozen=True, slots=True)
class ClockChange:
    """From its packet number `packet` on, counted from 0, the times of a stream are `shift` ticks
    later than the file says."""

    stream: int
    packet: int
    shift: int


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source holds, all of it read once.

    `is_seekable`: whether decoding may begin in its midst and give the same pictures. `cover` is
    the stream of an attached picture. `audio` begins with the track that is heard first.
    `clock` says where its clock jumps: all times are those of the straightened one. `warnings` tell
    of what was left out, and why.
    """

    duration_s: Fraction
    video: VideoFacts | None
    audio: tuple[AudioFacts, ...] = ()
    texts: tuple[TextFacts, ...] = ()
    chapters: tuple[ChapterFacts, ...] = ()
    cover: int | None = None
    container: str = ""
    size_bytes: int = 0
    is_seekable: bool = False
    clock: tuple[ClockChange, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def main_audio(self) -> AudioFacts | None:
        return self.audio[0] if self.audio else None
