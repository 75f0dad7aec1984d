"""Reads: a video's captions, and the pictures that may be its poster."""

import re
from datetime import datetime
from typing import Final
from uuid import UUID

from control_plane.accounts.models import User
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Caption, Video
from control_plane.catalogue.selectors import access_own_video
from control_plane.errors import require
from shared.asset import AssetInvalid, parse_asset
from shared.paths import POSTER_CANDIDATE, asset_document_key
from shared.runtime.store.interface import ObjectMissing

_CANDIDATE: Final = re.compile(POSTER_CANDIDATE.replace("{number}", r"([1-9]\d*)"), re.ASCII)


def access_caption(user: User, video_id: UUID, caption_id: UUID, *, now: datetime) -> Caption:
    """Captions of a video that this user may change; raises `NotFound` for any other."""
    video = access_own_video(user, video_id, now=now)
    return require(
        video.captions.filter(pk=caption_id).select_related("video__owner").first(),
        "No such captions.",
    )


def list_posters(video: Video) -> list[int]:
    """The numbers of the pictures that the present asset offers as its poster."""
    if video.asset_id is None:
        return []
    try:
        asset = parse_asset(open_store().get(asset_document_key(str(video.asset_id))))
    except (ObjectMissing, AssetInvalid):
        return []
    found = (_CANDIDATE.fullmatch(file.name) for file in asset.files)
    return sorted(int(match.group(1)) for match in found if match)


def find_chosen(video: Video) -> int | None:
    """The number of the picture that was chosen; None where nobody did."""
    asset = video.asset
    if asset is None or video.poster is None or video.poster_source != asset.source_key:
        return None
    return video.poster + 1
