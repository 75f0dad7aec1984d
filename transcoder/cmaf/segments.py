"""From coded frames to segments in the store: where they are cut and what is written down of them.

A video segment is three closed groups of pictures. Each key frame is a chunk of its own (`moof`
and `mdat`), the rest of its group another, so that the byte range an I-frame playlist names is
complete and decodes by itself. Sound is cut at the first AAC frame that begins at or after the
picture's cut.

B-frames are decoded before they are shown, so the pictures that lead them have to be decoded ahead
of time; ahead of time 0, for the first, and `tfdt` has no sign. There are three ways out; two of
them put the sound 67 ms beside the picture in some players. With negative composition offsets
FFmpeg (and all that is built on it) shifts the picture; an edit list is passed over by VLC. So in
every group the first few decode times are squeezed into the time of its first picture instead: a
key frame is decoded when it is shown, `tfdt` is the time a segment begins at, and every player
agrees. FFmpeg seeks by decode time, and would pass over a key frame decoded before its segment.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from shared.asset import FIRST_SEGMENT
from transcoder.cmaf.boxes import (
    AudioTrack,
    Sample,
    Track,
    VideoTrack,
    write_chunk,
    write_init,
    write_segment_type,
)
from transcoder.cmaf.film import KeyChunk, WrittenSegment
from transcoder.planning.ladder import GROUPS_PER_SEGMENT

INIT_NAME: Final = "init.mp4"

# Of each group its key frame and the rest; only the last group of a film may be less.
_CHUNKS_PER_SEGMENT: Final = 2 * GROUPS_PER_SEGMENT

# Takes a finished file, name and content, and returns its entity tag.
Sink = Callable[[str, bytes], str]


class _Segments:
    """Puts the segments of one track below `folder`, the first of them numbered `first`."""

    def __init__(self, track: Track, folder: str, sink: Sink, first: int = FIRST_SEGMENT) -> None:
        self.written: list[WrittenSegment] = []
        self.folder = folder
        self._track = track
        self._sink = sink
        self._first = first
        self._content = _begin_segment()
        self._key_chunks: list[KeyChunk] = []
        self._chunks_written = 0
        self._samples_in_segment = 0
        if first == FIRST_SEGMENT:
            sink(f"{folder}/{INIT_NAME}", write_init(track))

    def _seconds(self, samples: int) -> Fraction:
        return Fraction(samples * self._track.sample_duration, self._track.timescale)

    def _add_chunk(self, samples: list[Sample], decode_time: int) -> None:
        self._chunks_written += 1
        self._content.write(
            write_chunk(samples, sequence=self._chunks_written, decode_time=decode_time)
        )
        self._samples_in_segment += len(samples)

    def _close_segment(self) -> None:
        content = self._content.getvalue()
        self._content = _begin_segment()
        number = self._first + len(self.written)
        etag = self._sink(f"{self.folder}/{number}.m4s", content)
        duration = self._seconds(self._samples_in_segment)
        self.written.append(WrittenSegment(len(content), etag, duration, tuple(self._key_chunks)))
        self._key_chunks = []
        self._samples_in_segment = 0


def _begin_segment() -> io.BytesIO:
    """A buffer grows as a segment does, and hands it out whole without a copy."""
    content = io.BytesIO()
    content.write(write_segment_type())
    return content


@dataclass(frozen=True, slots=True)
class _Picture:
    """A coded picture: its number as shown, and its number as decoded."""

    content: bytes
    shown: int
    decoded: int
    is_key: bool


class VideoSegments(_Segments):
    """Coded pictures in decode order, from the beginning of the segment numbered `first`.

    Everything in a segment is as if all before it had been written here, too.
    """

    def __init__(
        self, track: VideoTrack, folder: str, sink: Sink, first: int = FIRST_SEGMENT
    ) -> None:
        super().__init__(track, folder, sink, first)
        self._chunks_written = (first - FIRST_SEGMENT) * _CHUNKS_PER_SEGMENT
        self._group: list[_Picture] = []

    def add(self, content: bytes, *, shown: int, decoded: int, is_key: bool) -> None:
        """Add the picture number `shown`; `decoded` counts from less than 0 when there are
        B-frames, and never lies behind `shown`."""
        if is_key and self._group:
            self._close_group()
            if len(self._key_chunks) == GROUPS_PER_SEGMENT:
                self._close_segment()
        self._group.append(_Picture(content, shown, decoded, is_key))

    def finish(self) -> None:
        if self._group:
            self._close_group()
            self._close_segment()

    def _close_group(self) -> None:
        begins = self._group[0].shown * self._track.sample_duration
        key, *rest = _schedule(self._group, self._track.sample_duration)
        offset = self._content.tell()
        self._add_chunk([key], begins)
        length = self._content.tell() - offset
        self._key_chunks.append(KeyChunk(offset, length, self._seconds(len(self._group))))
        if rest:
            self._add_chunk(rest, begins + key.duration)
        self._group = []


def _schedule(group: Sequence[_Picture], duration: int) -> list[Sample]:
    """The samples of a closed group of pictures, each shown for `duration` ticks; the decode
    times run from the group's begin to its end."""
    first, last = group[0].shown, group[-1]
    times = [0, *(_time_to_decode(picture.decoded - first, duration) for picture in group[1:])]
    if last.shown - first == len(group) - 1:
        # What is left of the group's time falls to the picture decoded last. Were that the one
        # shown last, too, browsers would take the film to last longer.
        times[-1] = (len(group) - 1) * duration
    times.append(len(group) * duration)
    return [
        Sample(
            picture.content, end - time, (picture.shown - first) * duration - time, picture.is_key
        )
        for picture, (time, end) in zip(group, pairwise(times), strict=True)
    ]


def _time_to_decode(decoded: int, duration: int) -> int:
    """When a picture other than the first is decoded: those whose number is not above 0 in the
    last ticks of the first picture's time."""
    return decoded * duration if decoded > 0 else duration - 1 + decoded


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
