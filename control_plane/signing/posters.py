"""Poster URLs for lists: the same for everybody and for half a day, so that browsers keep them.

A token's life begins and ends on fixed borders, midnight and noon UTC: it is handed out for
half a day and is good for a whole one, the longest that any token may live.

Drafts are seen by few. Their posters' tokens are a minute old at most, so that those of a film that
was just unpublished are soon newer than what that has ended.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.conf import settings

from control_plane.signing.selectors import current_key
from shared.keyring import SigningKey
from shared.paths import POSTER, Kind, media_path
from shared.tokens import LISTING_SUBJECT, MAX_TOKEN_LIFE, Claims, issue_token

HANDED_OUT_S: Final = MAX_TOKEN_LIFE // 2
HANDED_OUT_OF_DRAFT_S: Final = 60


def poster_url(
    video_id: UUID,
    asset_id: UUID,
    *,
    now: datetime,
    is_draft: bool = False,
    name: str = POSTER,
) -> str:
    """Where an asset's poster lies on the edge, for whoever may see it in a list; or another
    picture of its kind."""
    seconds = int(now.timestamp())
    begins_at = seconds - seconds % (HANDED_OUT_OF_DRAFT_S if is_draft else HANDED_OUT_S)
    token = _issue_listing_token(str(video_id), begins_at, current_key(now=now))
    return settings.CONFIG.edge_url + media_path(token, str(asset_id), name)


@lru_cache(maxsize=8192)
def _issue_listing_token(video_id: str, begins_at: int, key: SigningKey) -> str:
    claims = Claims(
        issuer=key.issuer,
        subject=LISTING_SUBJECT,
        session_id=LISTING_SUBJECT,
        video_id=video_id,
        kinds=frozenset({Kind.POSTER}),
        issued_at=begins_at,
        not_before=begins_at,
        expires_at=begins_at + MAX_TOKEN_LIFE,
    )
    return issue_token(claims, key)
