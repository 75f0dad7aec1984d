"""Beginning to watch: the verdict, a session, and the signed URL that names it."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.conf import settings

from control_plane.accounts.models import User
from control_plane.catalogue.models import Asset, Video
from control_plane.entitlements.selectors import require_entitlement
from control_plane.errors import NotFound, Refused
from control_plane.playback.lifetimes import choose_end
from control_plane.playback.models import PlaybackSession
from control_plane.signing.posters import poster_url
from control_plane.signing.selectors import current_key
from shared.paths import STORYBOARD_VTT, Kind, media_path
from shared.tokens import DEFAULT_KINDS, Claims, issue_token


@dataclass(frozen=True, slots=True)
class Playback:
    """What a player needs. Sound without a picture has neither poster nor storyboard."""

    url: str
    expires_at: datetime
    session_id: UUID
    kinds: list[Kind]
    poster_url: str | None
    storyboard_url: str | None


def start_playback(
    user: User | None, video_id: UUID, *, now: datetime, valid_for_s: int | None = None
) -> Playback:
    """Let somebody watch: a session is kept and its URL signed.

    Raises `NotFound` and `Refused` as `require_entitlement` does, and `not_ready` for a video
    that has no asset yet.
    """
    video = Video.objects.select_related("asset").filter(id=video_id).first()
    if video is None:
        raise NotFound("No such video.")
    verdict = require_entitlement(user, video, now=now)
    if video.asset is None:
        detail = "The video is not ready to be watched yet."
        raise Refused("not_ready", status=HTTPStatus.CONFLICT, detail=detail)
    issued_at = now.replace(microsecond=0)  # tokens know whole seconds
    session = PlaybackSession.objects.create(
        user=user,
        video=video,
        rule=verdict.rule,
        issued_at=issued_at,
        expires_at=choose_end(
            issued_at, video.asset.duration_ms, verdict=verdict, wanted_s=valid_for_s
        ),
    )
    return _describe_playback(session, video.asset)


def _describe_playback(session: PlaybackSession, asset: Asset) -> Playback:
    edge, token, asset_id = settings.CONFIG.edge_url, _sign(session), str(asset.id)
    has_picture = bool(asset.heights)
    is_draft = session.video.published_at is None
    return Playback(
        url=edge + media_path(token, asset_id),
        expires_at=session.expires_at,
        session_id=session.id,
        kinds=sorted(DEFAULT_KINDS),
        poster_url=(
            poster_url(session.video_id, asset.id, now=session.issued_at, is_draft=is_draft)
            if has_picture
            else None
        ),
        storyboard_url=(
            edge + media_path(token, asset_id, STORYBOARD_VTT) if has_picture else None
        ),
    )


def _sign(session: PlaybackSession) -> str:
    key, issued_at = current_key(now=session.issued_at), int(session.issued_at.timestamp())
    claims = Claims(
        issuer=key.issuer,
        subject=str(session.user_id) if session.user_id else f"anonymous:{session.id}",
        session_id=str(session.id),
        video_id=str(session.video_id),
        issued_at=issued_at,
        not_before=issued_at,
        expires_at=int(session.expires_at.timestamp()),
    )
    return issue_token(claims, key)
