"""Videos as far as watching needs them.

They are read by one statement that is written out, since composing it anew for each URL that is
issued costs several times as much as asking it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from django.db import connection

_QUERY: Final = """
SELECT video.id, video.owner_id, video.category_id, video.visibility, video.is_premium,
       video.published_at, video.withdrawn_at, asset.id, asset.duration_ms, asset.heights
FROM catalogue_video video LEFT JOIN catalogue_asset asset ON asset.id = video.asset_id
WHERE video.id = %s
"""


class PlayedAsset(Protocol):
    """What must be known of an asset: a row of the catalogue's is one, too."""

    @property
    def id(self) -> UUID: ...
    @property
    def duration_ms(self) -> int: ...
    @property
    def heights(self) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True)
class FilmAsset:
    """The asset of a film."""

    id: UUID
    duration_ms: int
    heights: Sequence[int]


@dataclass(frozen=True, slots=True)
class Film:
    """What is asked of a video before it is watched (`entitlements.selectors.Video`), and what is
    played: None while it has no asset."""

    asset: FilmAsset | None
    id: UUID
    owner_id: UUID
    category_id: UUID | None
    visibility: str
    is_premium: bool
    published_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


def find_film(video_id: UUID) -> Film | None:
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [video_id])
        row = cursor.fetchone()
    if row is None:
        return None
    *facts, asset_id, duration_ms, heights = row
    asset = None if asset_id is None else FilmAsset(asset_id, duration_ms, heights)
    return Film(asset, *facts)
