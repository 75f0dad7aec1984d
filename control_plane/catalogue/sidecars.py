"""What an asset gets beside the film itself: captions that came as files, and a chosen poster.

A video has them, and every asset remembers which ones it was made with. Where the two differ the
asset is out of date.
"""

from typing import Any

from control_plane.catalogue.models import Caption, Video
from shared.paths import original_key


def caption_key(caption: Caption) -> str:
    """Where the store holds a caption file."""
    return original_key(str(caption.video_id), str(caption.pk))


def describe_sidecars(video: Video, *, source_key: str) -> dict[str, Any]:
    """What an asset made of this source is to have now, as `Asset.sidecars` keeps it."""
    is_chosen = video.poster_source == source_key
    return {
        "texts": [_describe(caption) for caption in video.captions.order_by("id")],
        "poster": video.poster if is_chosen else None,
    }


def _describe(caption: Caption) -> dict[str, Any]:
    return {
        "key": caption_key(caption),
        "language": caption.language,
        "name": caption.name,
        "is_forced": caption.is_forced,
        "is_sdh": caption.is_sdh,
    }
