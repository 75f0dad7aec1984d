"""A package as it was found: its playlists, and what their segments hold. Times in seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Literal

from shared.hls.media import MediaPlaylist
from shared.hls.multivariant import MultivariantPlaylist, Variant
from transcoder.cmaf.bandwidth import Bandwidth, measure_bandwidth
from transcoder.cmaf.init_reader import SampleEntry

Container = Literal["fmp4", "ts", "packed"]

# ITU-T H.273: the transfer functions of PQ and HLG.
HDR_TRANSFERS: Final = {16: "PQ", 18: "HLG"}


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A sync sample of a picture: `chunk` and `chunk_end` are where in its segment the bytes lie
    from which it can be decoded alone, `end` is where its own end; -1 where nobody can tell."""

    shown_s: Fraction
    chunk: int
    end: int
    chunk_end: int
    is_good: bool


@dataclass(frozen=True, slots=True)
class Span:
    """The samples of one track in one segment: from when to when they are shown and decoded.

    `frame_s` is the usual step from one to the next. `broken` counts those that do not decode,
    which is known of key frames, and of all only if all are decoded.
    """

    starts_s: Fraction
    ends_s: Fraction
    decodes_from_s: Fraction
    decodes_until_s: Fraction
    frame_s: Fraction
    frames: int
    payload_bytes: int
    begins_with_key: bool = True
    key_frames: tuple[KeyFrame, ...] = ()
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What decoded pictures are like; the colours in the numbers of ITU-T H.273."""

    width_px: int
    height_px: int
    is_interlaced: bool
    primaries: int
    transfer: int
    matrix: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A media segment: how long its playlist says it is, and what lies in it."""

    name: str
    listed_s: Fraction
    size_bytes: int
    picture: Span | None
    sound: Span | None

    @property
    def main(self) -> Span:
        """What is seen, or else heard; never both absent."""
        span = self.picture or self.sound
        assert span is not None  # noqa: S101
        return span


@dataclass(frozen=True, slots=True)
class Stream:
    """A media playlist of pictures, sound or both."""

    name: str
    playlist: MediaPlaylist
    container: Container
    segments: tuple[Segment, ...]
    picture: SampleEntry | None
    sound: SampleEntry | None
    looks: tuple[Look, ...] = ()

    @property
    def starts_s(self) -> Fraction:
        return self.segments[0].main.starts_s

    @property
    def ends_s(self) -> Fraction:
        return self.segments[-1].main.ends_s

    @property
    def frame_s(self) -> Fraction:
        """The step of the longest segment: a last one of a single picture knows none."""
        return max(self.segments, key=lambda segment: segment.main.frames).main.frame_s

    @property
    def frames(self) -> int:
        return sum(segment.main.frames for segment in self.segments)

    @property
    def key_frames(self) -> Iterator[KeyFrame]:
        return (key for s in self.segments if s.picture for key in s.picture.key_frames)

    @property
    def size_bytes(self) -> int:
        return sum(segment.size_bytes for segment in self.segments)

    @property
    def bandwidth(self) -> Bandwidth:
        """Measured by what the segments really last."""
        return measure_bandwidth(
            [segment.size_bytes for segment in self.segments],
            [segment.main.ends_s - segment.main.starts_s for segment in self.segments],
            self.playlist.target_duration_s,
        )


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """An entry of an I-frame playlist: `fault` says why it is no key frame that can be shown."""

    name: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class KeyStream:
    """An I-frame playlist."""

    name: str
    playlist: MediaPlaylist
    entries: tuple[KeyEntry, ...]


@dataclass(frozen=True, slots=True)
class TextSegment:
    """A segment of captions; `fault` says why it cannot be read."""

    name: str
    listed_s: Fraction
    size_bytes: int
    has_map: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class TextStream:
    """A playlist of captions."""

    name: str
    playlist: MediaPlaylist
    segments: tuple[TextSegment, ...]

    @property
    def bandwidth(self) -> Bandwidth:
        """By what the playlist says that the segments last: captions have no times of their own."""
        durations_s = [segment.listed_s for segment in self.segments]
        if not any(durations_s):
            return Bandwidth(0, 0)
        sizes = [segment.size_bytes for segment in self.segments]
        return measure_bandwidth(sizes, durations_s, self.playlist.target_duration_s)


@dataclass(frozen=True, slots=True)
class Presentation:
    """A whole package. Playlists are found by their URI in the multivariant one; those that could
    not be read are only in `unreadable`, with the reason."""

    name: str
    main: MultivariantPlaylist
    streams: dict[str, Stream] = field(default_factory=dict)
    key_streams: dict[str, KeyStream] = field(default_factory=dict)
    texts: dict[str, TextStream] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def videos(self) -> tuple[Stream, ...]:
        return tuple(stream for stream in self.streams.values() if stream.picture)

    @property
    def sounds(self) -> tuple[Stream, ...]:
        return tuple(stream for stream in self.streams.values() if stream.sound)

    @property
    def variants(self) -> Iterator[tuple[Variant, Stream]]:
        """Variants whose playlist could be read."""
        for variant in self.main.variants:
            if variant.uri in self.streams:
                yield variant, self.streams[variant.uri]

    def group(self, variant: Variant) -> tuple[Stream, ...]:
        """The sound that may be played with a variant, from playlists of its own."""
        uris = [
            media.uri
            for media in self.main.media
            if media.type == "AUDIO" and media.group_id == variant.audio
        ]
        return tuple(self.streams[uri] for uri in uris if uri in self.streams)

    def bandwidth(self, variant: Variant, stream: Stream) -> Bandwidth:
        """What a variant needs with the most demanding sound of its group (Apple 9.13); where it is
        sound alone, that plays instead. Captions come on top."""
        group = self.group(variant)
        most = _take_most([other.bandwidth for other in group])
        return most if stream in group else stream.bandwidth + most

    def captions_bandwidth(self, variant: Variant) -> Bandwidth:
        """What the most demanding captions of a variant's group need."""
        uris = [
            media.uri
            for media in self.main.media
            if media.type == "SUBTITLES" and media.group_id == variant.subtitles
        ]
        return _take_most([self.texts[uri].bandwidth for uri in uris if uri in self.texts])


def _take_most(needs: Sequence[Bandwidth]) -> Bandwidth:
    """What the most demanding needs of those that stand for each other."""
    return Bandwidth(
        max((needed.peak_bps for needed in needs), default=0),
        max((needed.average_bps for needed in needs), default=0),
    )
