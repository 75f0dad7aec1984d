"""What a finished rendition really holds, read back from its playlists, boxes and key frames."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from shared.asset import FIRST_SEGMENT, Rendition
from shared.hls.attributes import PlaylistInvalid
from shared.hls.media import ByteRange, parse_media
from transcoder.bandwidth import Bandwidth, measure_bandwidth
from transcoder.box_reader import BoxInvalid, InitFacts, find_media, read_fragments, read_init
from transcoder.key_frames import KeyFrameDecoder
from transcoder.playlists import I_FRAMES_NAME, MEDIA_NAME
from transcoder.segments import INIT_NAME
from transcoder.sound import FRAME_SAMPLES

Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class MeasuredSegment:
    """One segment: how long its playlist says it is, and what its samples are, in seconds."""

    name: str
    listed_s: Fraction
    start_s: Fraction
    end_s: Fraction
    frames: int
    size_bytes: int
    key_frames: int
    broken_key_frames: int


@dataclass(frozen=True, slots=True)
class MeasuredRendition:
    """A rendition; a frame is a picture, or 1024 samples of sound."""

    record: Rendition
    frame_s: Fraction
    target_s: int
    segments: tuple[MeasuredSegment, ...]

    @property
    def frames(self) -> int:
        return sum(segment.frames for segment in self.segments)

    @property
    def end_s(self) -> Fraction:
        return self.segments[-1].end_s

    @property
    def bandwidth(self) -> Bandwidth:
        sizes = [segment.size_bytes for segment in self.segments]
        durations = [segment.end_s - segment.start_s for segment in self.segments]
        return measure_bandwidth(sizes, durations, self.target_s)


def measure_rendition(record: Rendition, read: Read) -> MeasuredRendition:
    """Measure a rendition; raises `BoxInvalid` or `PlaylistInvalid` where it makes no sense, and
    what `read` raises."""
    return _Measurement(record, read).run()


class _Measurement:
    """The reading of one rendition."""

    def __init__(self, record: Rendition, read: Read) -> None:
        self._record = record
        self._read = read
        self._folder = record.segments.pattern.rpartition("/")[0]
        self._init = read_init(read(f"{self._folder}/{INIT_NAME}"))
        self._frame_s = _frame_duration(record, self._init)
        self._key_ranges = self._read_key_ranges() if record.kind == "video" else {}
        self._decoder = KeyFrameDecoder(self._init.avc_config or b"")

    def run(self) -> MeasuredRendition:
        playlist = parse_media(self._read(f"{self._folder}/{MEDIA_NAME}").decode())
        if not 0 < len(playlist.segments) == len(self._record.segments.sizes_bytes):
            raise PlaylistInvalid(f"{len(playlist.segments)} segments are listed")
        segments = tuple(
            self._measure_segment(number, Fraction(segment.duration_s))
            for number, segment in enumerate(playlist.segments, start=FIRST_SEGMENT)
        )
        return MeasuredRendition(self._record, self._frame_s, playlist.target_duration_s, segments)

    def _read_key_ranges(self) -> dict[str, list[ByteRange]]:
        """The key frames' byte ranges by the file they lie in."""
        playlist = parse_media(self._read(f"{self._folder}/{I_FRAMES_NAME}").decode())
        ranges: dict[str, list[ByteRange]] = {}
        for segment in playlist.segments:
            if segment.byte_range is None:
                raise PlaylistInvalid("a key frame without a byte range")
            ranges.setdefault(f"{self._folder}/{segment.uri}", []).append(segment.byte_range)
        return ranges

    def _measure_segment(self, number: int, listed_s: Fraction) -> MeasuredSegment:
        name = self._record.segments.name_of(number)
        content = self._read(name)
        samples = [s for f in read_fragments(content, self._init) for s in f.samples]
        if not samples:
            raise BoxInvalid(f"{name} has no samples")
        shown = [sample.shown_at for sample in samples]
        ranges = self._key_ranges.get(name, [])
        return MeasuredSegment(
            name=name,
            listed_s=listed_s,
            start_s=Fraction(min(shown), self._init.timescale),
            end_s=Fraction(max(shown), self._init.timescale) + self._frame_s,
            frames=len(samples),
            size_bytes=len(content),
            key_frames=len(ranges),
            broken_key_frames=sum(not self._decodes(content, byte_range) for byte_range in ranges),
        )

    def _decodes(self, content: bytes, byte_range: ByteRange) -> bool:
        offset = byte_range.offset or 0
        try:
            key_frame = find_media(content[offset : offset + byte_range.length])
        except BoxInvalid:
            return False
        return self._decoder.decode(key_frame) is not None


def _frame_duration(record: Rendition, init: InitFacts) -> Fraction:
    if record.frame_rate is None:
        return Fraction(FRAME_SAMPLES, init.timescale)
    return 1 / Fraction(record.frame_rate)
