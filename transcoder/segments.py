"""From coded frames to segments in the store: where they are cut and what is written down of them.

A video segment is three closed groups of pictures. Each key frame is a chunk of its own (`moof`
and `mdat`), the rest of its group another, so that the byte range an I-frame playlist names is
complete and decodes by itself. Sound is cut at the first AAC frame that begins at or after the
picture's cut.

B-frames are decoded before they are shown, so decoding has to begin some pictures ahead of time 0,
and `tfdt` has no sign. There are three ways out; two of them put the sound 67 ms beside the
picture in some players. With negative composition offsets FFmpeg (and all that is built on it)
shifts the picture; an edit list is passed over by VLC. So the decode times of the first few
pictures are squeezed into the time of the first one instead: presentation begins at 0, later
decode times run ahead evenly, and every player agrees.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Protocol

from shared.asset import FIRST_SEGMENT
from transcoder.boxes import (
    AudioTrack,
    Sample,
    Track,
    VideoTrack,
    write_chunk,
    write_init,
    write_segment_type,
)
from transcoder.ladder import GROUPS_PER_SEGMENT

INIT_NAME: Final = "init.mp4"


class Sink(Protocol):
    """Takes a finished file and returns its entity tag."""

    def __call__(self, name: str, content: bytes) -> str: ...


@dataclass(frozen=True, slots=True)
class KeyChunk:
    """A key frame's byte range in its segment, and how long its group of pictures lasts."""

    offset: int
    length: int
    duration_s: Fraction


@dataclass(frozen=True, slots=True)
class WrittenSegment:
    """One segment in the store."""

    size_bytes: int
    etag: str
    duration_s: Fraction
    key_chunks: tuple[KeyChunk, ...] = ()


class _Segments:
    """Puts the segments of one track below `folder`, numbered from 1."""

    def __init__(self, track: Track, folder: str, sink: Sink) -> None:
        self.written: list[WrittenSegment] = []
        self._track = track
        self.folder = folder
        self._sink = sink
        self._chunks: list[bytes] = [write_segment_type()]
        self._key_chunks: list[KeyChunk] = []
        self._chunks_written = 0
        self._samples_in_segment = 0
        sink(f"{folder}/{INIT_NAME}", write_init(track))

    def _seconds(self, samples: int) -> Fraction:
        return Fraction(samples * self._track.sample_duration, self._track.timescale)

    def _add_chunk(self, samples: list[Sample], decode_time: int) -> None:
        self._chunks_written += 1
        self._chunks.append(
            write_chunk(samples, sequence=self._chunks_written, decode_time=decode_time)
        )
        self._samples_in_segment += len(samples)

    def _close_segment(self) -> None:
        content = b"".join(self._chunks)
        number = FIRST_SEGMENT + len(self.written)
        etag = self._sink(f"{self.folder}/{number}.m4s", content)
        duration = self._seconds(self._samples_in_segment)
        self.written.append(WrittenSegment(len(content), etag, duration, tuple(self._key_chunks)))
        self._chunks = [write_segment_type()]
        self._key_chunks = []
        self._samples_in_segment = 0


class VideoSegments(_Segments):
    """Coded pictures in decode order."""

    def __init__(self, track: VideoTrack, folder: str, sink: Sink) -> None:
        super().__init__(track, folder, sink)
        self._group: list[Sample] = []
        self._group_begins = 0
        self._decode_time = 0

    def add(self, content: bytes, *, shown: int, decoded: int, is_key: bool) -> None:
        """Add the picture number `shown`; `decoded` counts from less than 0 when there are
        B-frames, and never lies behind `shown`."""
        if is_key and self._group:
            self._close_group()
            if len(self._key_chunks) == GROUPS_PER_SEGMENT:
                self._close_segment()
        if is_key:
            self._group_begins = self._decode_time
        duration = self._time_to_decode(decoded + 1) - self._decode_time
        offset = shown * self._track.sample_duration - self._decode_time
        self._group.append(Sample(content, duration, offset, is_key))
        self._decode_time += duration

    def _time_to_decode(self, decoded: int) -> int:
        """When a picture other than the first is decoded: those whose number is not above 0 in
        the last ticks of the first picture's time."""
        picture = self._track.sample_duration
        return decoded * picture if decoded > 0 else picture - 1 + decoded

    def finish(self) -> None:
        if self._group:
            self._close_group()
            self._close_segment()

    def _close_group(self) -> None:
        key, *rest = self._group
        offset = sum(map(len, self._chunks))
        self._add_chunk([key], self._group_begins)
        length = len(self._chunks[-1])
        self._key_chunks.append(KeyChunk(offset, length, self._seconds(len(self._group))))
        if rest:
            self._add_chunk(rest, self._group_begins + key.duration)
        self._group = []


class AudioSegments(_Segments):
    """AAC frames in order, cut at every `segment_s`."""

    def __init__(self, track: AudioTrack, folder: str, sink: Sink, segment_s: Fraction) -> None:
        super().__init__(track, folder, sink)
        self._segment_s = segment_s
        self._pending: list[Sample] = []
        self._written_frames = 0

    def add(self, content: bytes) -> None:
        begins_s = self._seconds(self._written_frames + len(self._pending))
        if begins_s >= self._segment_s * (len(self.written) + 1):
            self.finish()
        self._pending.append(Sample(content, self._track.sample_duration))

    def finish(self) -> None:
        if self._pending:
            self._add_chunk(self._pending, self._written_frames * self._track.sample_duration)
            self._close_segment()
            self._written_frames += len(self._pending)
            self._pending = []
