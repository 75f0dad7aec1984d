"""What is asked of a chunk when it is finished: that its files are what will be said of them.

A fault is found where it was made, before other workers build on it. The gate asks the same once
more, of the whole.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from shared.asset import FIRST_SEGMENT, etag_of
from shared.report import Finding
from transcoder.cmaf.box_reader import BoxInvalid
from transcoder.cmaf.boxes import write_init
from transcoder.cmaf.film import AudioRendition, VideoRendition, WrittenSegment
from transcoder.inspect.decoding import MediaInvalid
from transcoder.inspect.fragmented import FragmentedReader
from transcoder.inspect.presentation import Span
from transcoder.planning.ladder import GROUPS_PER_SEGMENT

Read = Callable[[str], bytes]


def find_chunk_faults(
    renditions: Sequence[VideoRendition | AudioRendition],
    read: Read,
    *,
    first: int = FIRST_SEGMENT,
) -> Iterator[Finding]:
    """Check what a chunk has made of each rendition, the pictures from segment number `first` on;
    `read` returns a whole file by its name in the asset."""
    for rendition in renditions:
        reader = FragmentedReader(write_init(rendition.track), decodes_all=False)
        number, starts_s = FIRST_SEGMENT, Fraction(0)
        if isinstance(rendition, VideoRendition):
            number, starts_s = first, _find_start(rendition, first)
        for segment in rendition.segments:
            name = f"{rendition.folder}/{number}.m4s"
            for text in _check_segment(segment, read(name), starts_s, reader):
                yield Finding(rule="chunk", name=name, text=text)
            number, starts_s = number + 1, starts_s + segment.duration_s


def _find_start(rendition: VideoRendition, first: int) -> Fraction:
    rung = rendition.rung
    frames = (first - FIRST_SEGMENT) * GROUPS_PER_SEGMENT * rung.group_frames
    return frames / rung.frame_rate


def _check_segment(
    segment: WrittenSegment, content: bytes, starts_s: Fraction, reader: FragmentedReader
) -> Iterator[str]:
    if (segment.size_bytes, segment.etag) != (len(content), etag_of(content)):
        yield "is not the file that was written"
        return
    try:
        span = next(filter(None, reader.measure(content)))
    except (BoxInvalid, MediaInvalid) as error:
        yield f"cannot be read: {error}"
        return
    yield from _compare(segment, span, starts_s)


def _compare(segment: WrittenSegment, span: Span, starts_s: Fraction) -> Iterator[str]:
    if (span.starts_s, span.ends_s) != (starts_s, starts_s + segment.duration_s):
        yield f"lasts from {float(span.starts_s):.4f} to {float(span.ends_s):.4f} s"
    if span.frames * span.frame_s != segment.duration_s:
        yield f"has {span.frames} frames for {float(segment.duration_s):.4f} s"
    places = [(key.offset, key.offset + key.length) for key in segment.key_chunks]
    if places != [(key.chunk, key.chunk_end) for key in span.key_frames]:
        yield "has its key frames elsewhere"
    if span.broken:
        yield f"{span.broken} key frames do not decode"
