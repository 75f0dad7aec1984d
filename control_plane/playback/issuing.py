"""A session's signed URLs: what a player is handed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings

from control_plane.playback.films import PlayedAsset
from control_plane.playback.models import PlaybackSession
from control_plane.signing.posters import poster_url
from control_plane.signing.selectors import current_key
from shared.paths import STORYBOARD_VTT, Kind, media_path
from shared.tokens import DEFAULT_KINDS, Claims, issue_token

_KINDS: Final = sorted(DEFAULT_KINDS)


@dataclass(frozen=True, slots=True)
class Playback:
    """What a player needs. Sound alone has no storyboard; its poster is its cover. What has not
    begun by `start_by` does not begin."""

    url: str
    start_by: datetime | None
    expires_at: datetime
    session_id: UUID
    kinds: list[Kind]
    poster_url: str
    storyboard_url: str | None


def issue_urls(
    session: PlaybackSession, asset: PlayedAsset, *, now: datetime, is_draft: bool
) -> Playback:
    """Signed from now on; `is_draft` says whether the video is one."""
    edge, token, asset_id = settings.CONFIG.edge_url, _sign(session, now), str(asset.id)
    return Playback(
        url=edge + media_path(token, asset_id),
        start_by=session.start_by,
        expires_at=session.expires_at,
        session_id=session.id,
        kinds=_KINDS,
        poster_url=poster_url(session.video_id, asset.id, now=now, is_draft=is_draft),
        storyboard_url=(
            edge + media_path(token, asset_id, STORYBOARD_VTT) if asset.heights else None
        ),
    )


def _sign(session: PlaybackSession, now: datetime) -> str:
    key, issued_at = current_key(now=now), int(now.timestamp())
    claims = Claims(
        issuer=key.issuer,
        subject=session.subject,
        session_id=str(session.id),
        video_id=str(session.video_id),
        issued_at=issued_at,
        not_before=issued_at,
        expires_at=int(session.expires_at.timestamp()),
        start_by=None if session.start_by is None else int(session.start_by.timestamp()),
        max_height=session.max_height,
        max_streams=session.max_streams,
        origins=tuple(session.origins) or None,
    )
    return issue_token(claims, key)
