"""The playlists of an encoded film: pure, from what was written of it.

Each rendition's folder has `media.m3u8`, a rung's `iframes.m3u8` as well; `main.m3u8` at the top
names them all.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final

from shared.asset import FIRST_SEGMENT
from shared.hls.media import ByteRange, Map, MediaPlaylist, Segment, render_media
from shared.hls.multivariant import (
    IFrameVariant,
    Media,
    MultivariantPlaylist,
    Variant,
    render_multivariant,
)
from shared.paths import MAIN_PLAYLIST
from transcoder.bandwidth import Bandwidth, measure_bandwidth
from transcoder.film import AudioRendition, Film, KeyChunk, Rendition, VideoRendition
from transcoder.ladder import AUDIO_CHANNELS
from transcoder.segments import INIT_NAME

MEDIA_NAME: Final = "media.m3u8"
I_FRAMES_NAME: Final = "iframes.m3u8"

_AUDIO_GROUP: Final = "audio"
_MICROSECOND: Final = Decimal("0.000001")
# Players begin with the first variant listed (Apple 1.32).
_FIRST_VARIANT_BPS: Final = 2_000_000


def write_playlists(film: Film) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every playlist, `main.m3u8` last."""
    target_s = choose_target(film)
    for rendition in film.renditions:
        yield f"{rendition.folder}/{MEDIA_NAME}", _media_playlist(rendition, target_s)
        if isinstance(rendition, VideoRendition):
            yield f"{rendition.folder}/{I_FRAMES_NAME}", _i_frame_playlist(rendition)
    yield MAIN_PLAYLIST, _multivariant_playlist(film, target_s)


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
        written.append(_to_decimal(end) - _to_decimal(begin))
    return written


def _to_decimal(number: Fraction) -> Decimal:
    return (Decimal(number.numerator) / number.denominator).quantize(_MICROSECOND)


def _multivariant_playlist(film: Film, target_s: int) -> str:
    if not film.video:
        variants = [_audio_variant(rendition, target_s) for rendition in film.renditions]
        return render_multivariant(MultivariantPlaylist(tuple(variants), independent_segments=True))
    audio = film.audio[0] if film.audio else None
    variants = [_video_variant(rendition, target_s, audio) for rendition in film.video]
    first = min(variants, key=lambda v: abs(v.bandwidth_bps - _FIRST_VARIANT_BPS))
    return render_multivariant(
        MultivariantPlaylist(
            variants=(first, *(variant for variant in variants if variant is not first)),
            media=(_audio_media(audio),) if audio else (),
            i_frame_variants=tuple(_i_frame_variant(rendition) for rendition in film.video),
            independent_segments=True,
        )
    )


def _audio_variant(rendition: Rendition, target_s: int) -> Variant:
    needed = measure_rendition(rendition, target_s)
    return Variant(
        uri=f"{rendition.folder}/{MEDIA_NAME}",
        bandwidth_bps=needed.peak_bps,
        average_bandwidth_bps=needed.average_bps,
        codecs=rendition.codecs,
    )


def _audio_media(audio: Rendition) -> Media:
    return Media(
        type="AUDIO",
        group_id=_AUDIO_GROUP,
        name="Stereo",
        uri=f"{audio.folder}/{MEDIA_NAME}",
        default=True,
        autoselect=True,
        channels=str(AUDIO_CHANNELS),
    )


def _video_variant(
    rendition: VideoRendition, target_s: int, audio: AudioRendition | None
) -> Variant:
    rung = rendition.rung
    played = [rendition, audio] if audio else [rendition]
    needed = sum((measure_rendition(r, target_s) for r in played), start=Bandwidth(0, 0))
    return Variant(
        uri=f"{rendition.folder}/{MEDIA_NAME}",
        bandwidth_bps=needed.peak_bps,
        average_bandwidth_bps=needed.average_bps,
        codecs=",".join(r.codecs for r in played),
        resolution=(rung.width_px, rung.height_px),
        frame_rate=_to_decimal(rung.frame_rate),
        audio=_AUDIO_GROUP if audio else None,
        closed_captions="NONE",
    )


def _i_frame_variant(rendition: VideoRendition) -> IFrameVariant:
    rung = rendition.rung
    chunks = [chunk for _, chunk in _key_chunks(rendition)]
    durations = [chunk.duration_s for chunk in chunks]
    needed = measure_bandwidth([c.length for c in chunks], durations, _target_of(durations))
    return IFrameVariant(
        uri=f"{rendition.folder}/{I_FRAMES_NAME}",
        bandwidth_bps=needed.peak_bps,
        average_bandwidth_bps=needed.average_bps,
        codecs=rendition.codecs,
        resolution=(rung.width_px, rung.height_px),
    )


def measure_rendition(rendition: Rendition, target_s: int) -> Bandwidth:
    """The bit rates of a rendition alone."""
    return measure_bandwidth(
        [segment.size_bytes for segment in rendition.segments],
        [segment.duration_s for segment in rendition.segments],
        target_s,
    )
