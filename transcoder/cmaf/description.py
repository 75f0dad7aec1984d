"""A film as its asset's document, `asset.json`, tells of it."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from shared.asset import SEGMENT_NUMBER, Asset, AssetFile, Loudness, Poster, SegmentRun, TextTrack
from shared.asset import Rendition as Record
from transcoder.cmaf.film import AudioRendition, Film, TextRendition, VideoRendition
from transcoder.cmaf.playlists import CAPTIONS_NAME, MEDIA_NAME, choose_target, measure_rendition


def describe_asset(
    film: Film,
    files: Iterable[AssetFile],
    *,
    posters: Sequence[Poster],
    asset_id: str,
    video_id: str,
    now: int,
) -> Asset:
    """The asset's document; of `files`, segments are left to the renditions."""
    target_s = choose_target(film)
    others = (file for file in files if not file.name.endswith(".m4s"))
    return Asset(
        asset_id=asset_id,
        video_id=video_id,
        created_at=now,
        duration_ms=_milliseconds(film.duration_s),
        files=tuple(sorted(others, key=lambda file: file.name)),
        renditions=tuple(_describe_rendition(r, target_s) for r in film.renditions),
        texts=tuple(map(_describe_text, film.texts)),
        posters=tuple(posters),
    )


def _describe_rendition(rendition: VideoRendition | AudioRendition, target_s: int) -> Record:
    if isinstance(rendition, VideoRendition):
        own = _describe_picture(rendition)
    else:
        own = _describe_sound(rendition)
    needed = measure_rendition(rendition, target_s)
    return Record(
        id=rendition.folder.rpartition("/")[2],
        kind="video" if "height" in own else "audio",
        codecs=rendition.codecs,
        duration_ms=_milliseconds(rendition.duration_s),
        bandwidth_bps=needed.peak_bps,
        average_bandwidth_bps=needed.average_bps,
        segments=SegmentRun(
            pattern=f"{rendition.folder}/{SEGMENT_NUMBER}.m4s",
            sizes_bytes=tuple(segment.size_bytes for segment in rendition.segments),
            etags=tuple(segment.etag for segment in rendition.segments),
        ),
        **own,
    )


def _describe_picture(rendition: VideoRendition) -> dict[str, Any]:
    rung = rendition.rung
    return {
        "height": rung.height,
        "frame_width_px": rung.width_px,
        "frame_height_px": rung.height_px,
        "frame_rate": f"{rung.frame_rate.numerator}/{rung.frame_rate.denominator}",
    }


def _describe_sound(rendition: AudioRendition) -> dict[str, Any]:
    measured = rendition.loudness
    return {
        "channels": rendition.channels,
        "language": rendition.language,
        "group": rendition.group,
        "name": rendition.name,
        "is_default": rendition.is_default,
        "loudness": measured
        and Loudness(
            integrated_lufs=measured.integrated_lufs,
            range_lu=measured.range_lu,
            true_peak_dbtp=measured.true_peak_dbtp,
            gain_db=measured.gain_db,
        ),
    }


def _describe_text(text: TextRendition) -> TextTrack:
    return TextTrack(
        name=text.name,
        language=text.language,
        file=f"{text.folder}/{CAPTIONS_NAME}",
        playlist=f"{text.folder}/{MEDIA_NAME}",
        is_forced=text.is_forced,
        is_sdh=bool(text.characteristics),
        is_sidecar=text.is_sidecar,
    )


def _milliseconds(seconds: Fraction) -> int:
    return max(1, round(seconds * 1000))
