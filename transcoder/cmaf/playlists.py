"""The media playlists of an encoded film: pure, from what was written of it.

Each rendition's folder has `media.m3u8`, a rung's `iframes.m3u8` as well. Captions are one segment
as long as the film: players need them whole in any case, a caption that crosses a cut would stand
in two segments (and twice on the screen of some players), and an hour of them is 50 KB.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final

from shared.asset import FIRST_SEGMENT
from shared.hls.media import ByteRange, Map, MediaPlaylist, Segment, render_media
from transcoder.cmaf.bandwidth import Bandwidth, measure_bandwidth
from transcoder.cmaf.film import Film, KeyChunk, Rendition, TextRendition, VideoRendition
from transcoder.cmaf.segments import INIT_NAME

MEDIA_NAME: Final = "media.m3u8"
I_FRAMES_NAME: Final = "iframes.m3u8"
CAPTIONS_NAME: Final = "captions.vtt"

_MICROSECOND: Final = Decimal("0.000001")


def write_media_playlists(film: Film) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every playlist but the one that names them all."""
    target_s = choose_target(film)
    for rendition in film.renditions:
        yield f"{rendition.folder}/{MEDIA_NAME}", _media_playlist(rendition, target_s)
        if isinstance(rendition, VideoRendition):
            yield f"{rendition.folder}/{I_FRAMES_NAME}", _i_frame_playlist(rendition)
    for text in film.texts:
        yield f"{text.folder}/{MEDIA_NAME}", _text_playlist(text)


def choose_target(film: Film) -> int:
    """One target duration for all renditions of a film (Apple 8.2), in seconds."""
    return _target_of(s.duration_s for rendition in film.renditions for s in rendition.segments)


def _target_of(durations: Iterable[Fraction]) -> int:
    """RFC 8216 section 4.3.3.1: no segment, rounded to whole seconds, is longer."""
    return max(1, *(floor(duration + Fraction(1, 2)) for duration in durations))


def _media_playlist(rendition: Rendition, target_s: int) -> str:
    durations = _write_durations([segment.duration_s for segment in rendition.segments])
    return render_media(
        MediaPlaylist(
            target_duration_s=target_s,
            segments=tuple(
                Segment(_segment_name(number), duration, map=Map(INIT_NAME))
                for number, duration in enumerate(durations, start=FIRST_SEGMENT)
            ),
            playlist_type="VOD",
            independent_segments=True,
            ended=True,
        )
    )


def _i_frame_playlist(rendition: VideoRendition) -> str:
    chunks = list(_key_chunks(rendition))
    durations = _write_durations([chunk.duration_s for _, chunk in chunks])
    return render_media(
        MediaPlaylist(
            target_duration_s=_target_of(chunk.duration_s for _, chunk in chunks),
            segments=tuple(
                Segment(
                    _segment_name(number),
                    duration,
                    byte_range=ByteRange(chunk.length, chunk.offset),
                    map=Map(INIT_NAME),
                )
                for (number, chunk), duration in zip(chunks, durations, strict=True)
            ),
            playlist_type="VOD",
            independent_segments=True,
            i_frames_only=True,
            ended=True,
        )
    )


def _text_playlist(text: TextRendition) -> str:
    """Its target duration is its own (Apple 5.7)."""
    durations = [segment.duration_s for segment in text.segments]
    return render_media(
        MediaPlaylist(
            target_duration_s=_target_of(durations),
            segments=tuple(Segment(CAPTIONS_NAME, d) for d in _write_durations(durations)),
            playlist_type="VOD",
            independent_segments=True,
            ended=True,
        )
    )


def _key_chunks(rendition: VideoRendition) -> Iterator[tuple[int, KeyChunk]]:
    for number, segment in enumerate(rendition.segments, start=FIRST_SEGMENT):
        for chunk in segment.key_chunks:
            yield number, chunk


def _segment_name(number: int) -> str:
    return f"{number}.m4s"


def _write_durations(durations: Sequence[Fraction]) -> list[Decimal]:
    """Seconds in microsecond steps whose sums never stray from the true times."""
    written: list[Decimal] = []
    begin = end = Fraction(0)
    for duration in durations:
        begin, end = end, end + duration
        written.append(to_decimal(end) - to_decimal(begin))
    return written


def to_decimal(number: Fraction) -> Decimal:
    """A number in steps of a millionth."""
    return (Decimal(number.numerator) / number.denominator).quantize(_MICROSECOND)


def measure_rendition(rendition: Rendition, target_s: int) -> Bandwidth:
    """The bit rates of a rendition alone."""
    return measure_bandwidth(
        [segment.size_bytes for segment in rendition.segments],
        [segment.duration_s for segment in rendition.segments],
        target_s,
    )


def measure_i_frames(rendition: VideoRendition) -> Bandwidth:
    """The bit rates of a rung's key frames, played one after the other."""
    chunks = [chunk for _, chunk in _key_chunks(rendition)]
    durations = [chunk.duration_s for chunk in chunks]
    return measure_bandwidth([chunk.length for chunk in chunks], durations, _target_of(durations))
