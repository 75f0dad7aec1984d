"""From coded frames to segments in the store: where they are cut and what is written down of them.

A video segment is three closed groups of pictures. Each key frame is a chunk of its own (`moof`
and `mdat`), the rest of its group another, so that the byte range an I-frame playlist names is
complete and decodes by itself. Sound is cut at the first AAC frame that begins at or after the
picture's cut.
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


class _SegmentWriter:
    """Puts the segments of one track below `folder`, numbered from 1."""

    def __init__(self, track: Track, folder: str, sink: Sink) -> None:
        self.written: list[WrittenSegment] = []
        self._track = track
        self.folder = folder
        self._sink = sink
        self._chunks: list[bytes] = [write_segment_type()]
        self._key_chunks: list[KeyChunk] = []
        self._chunks_written = 0
        self._samples_written = 0
        self._samples_in_segment = 0
        sink(f"{folder}/{INIT_NAME}", write_init(track))

    def _seconds(self, samples: int) -> Fraction:
        return Fraction(samples * self._track.sample_duration, self._track.timescale)

    def _add_chunk(self, samples: list[Sample]) -> None:
        self._chunks_written += 1
        chunk = write_chunk(
            self._track,
            samples,
            sequence=self._chunks_written,
            decode_time=self._samples_written * self._track.sample_duration,
        )
        self._chunks.append(chunk)
        self._samples_written += len(samples)
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


class VideoSegments(_SegmentWriter):
    """Coded pictures in decode order, each with its presentation number."""

    def __init__(self, track: VideoTrack, folder: str, sink: Sink) -> None:
        super().__init__(track, folder, sink)
        self._group: list[Sample] = []
        self._pictures = 0

    def add(self, content: bytes, *, number: int, is_key: bool) -> None:
        if is_key and self._group:
            self._close_group()
            if len(self._key_chunks) == GROUPS_PER_SEGMENT:
                self._close_segment()
        offset = (number - self._pictures) * self._track.sample_duration
        self._group.append(Sample(content, offset, is_key))
        self._pictures += 1

    def finish(self) -> None:
        if self._group:
            self._close_group()
            self._close_segment()

    def _close_group(self) -> None:
        key, *rest = self._group
        offset = sum(map(len, self._chunks))
        self._add_chunk([key])
        length = len(self._chunks[-1])
        self._key_chunks.append(KeyChunk(offset, length, self._seconds(len(self._group))))
        if rest:
            self._add_chunk(rest)
        self._group = []


class AudioSegments(_SegmentWriter):
    """AAC frames in order, cut at every `segment_s`."""

    def __init__(self, track: AudioTrack, folder: str, sink: Sink, segment_s: Fraction) -> None:
        super().__init__(track, folder, sink)
        self._segment_s = segment_s
        self._samples: list[Sample] = []

    def add(self, content: bytes) -> None:
        begin = self._seconds(self._samples_written + len(self._samples))
        if self._samples and begin >= self._segment_s * (len(self.written) + 1):
            self._close()
        self._samples.append(Sample(content))

    def finish(self) -> None:
        if self._samples:
            self._close()

    def _close(self) -> None:
        self._add_chunk(self._samples)
        self._close_segment()
        self._samples = []
