"""Reads of playback sessions: whose they are, and whether they still run."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast, Extract

from control_plane.accounts.models import User
from control_plane.errors import NotFound, require
from control_plane.playback.models import PlaybackSession
from control_plane.revocations.models import Revocation
from control_plane.signing.selectors import published_jwks
from shared.events.revocations import RevocationScope
from shared.keyring import parse_jwks
from shared.tokens import TokenError, verify_token

_NO_SESSION: Final = "No such session."


def list_sessions() -> QuerySet[PlaybackSession]:
    """All, each with `is_ended`: whether it was ended, or its viewer's or video's were."""
    return PlaybackSession.objects.annotate(  # type: ignore[no-redef]  # the model says its type
        is_ended=Exists(_of_session()) | Exists(_of_viewer()) | Exists(_of_video())
    ).select_related("user", "video__asset", "asset")


def running(now: datetime) -> Q:
    """Those of `list_sessions` that go on."""
    return Q(is_ended=False, expires_at__gt=now)


def access_session(session_id: UUID) -> PlaybackSession:
    """Anybody's; raises `NotFound`."""
    return require(list_sessions().filter(pk=session_id).first(), _NO_SESSION)


def access_own_session(user: User, session_id: UUID) -> PlaybackSession:
    """One of a user's own; raises `NotFound` for any other."""
    return require(list_sessions().filter(pk=session_id, user=user).first(), _NO_SESSION)


def access_held_session(
    user: User | None, session_id: UUID, *, token: str | None, now: datetime
) -> PlaybackSession:
    """A session of whoever asks, or one whose token they have, though it may have expired; raises
    `NotFound` for any other."""
    if token is not None and _read_session_id(token, now) == str(session_id):
        return access_session(session_id)
    if user is None:
        raise NotFound(_NO_SESSION)
    return access_own_session(user, session_id)


def _read_session_id(token: str, now: datetime) -> str | None:
    """The session of a token that we signed."""
    keys = parse_jwks(published_jwks(now=now), issuer=settings.CONFIG.issuer)
    try:
        return verify_token(token, keys).session_id
    except TokenError:
        return None


def _of_session() -> QuerySet[Revocation]:
    session_id = Cast(OuterRef("pk"), TextField())
    return _of_ours(RevocationScope.SESSION).filter(subject=session_id)


def _of_viewer() -> QuerySet[Revocation]:
    earlier = Q(issued_before__gt=_begun())
    return _of_ours(RevocationScope.VIEWER).filter(earlier, subject=OuterRef("subject"))


def _of_video() -> QuerySet[Revocation]:
    met = Q(issued_before=None) | Q(issued_before__gt=_begun())
    videos = Revocation.objects.filter(scope=RevocationScope.VIDEO, issuer="")
    return videos.filter(met, subject=Cast(OuterRef("video_id"), TextField()))


def _of_ours(scope: RevocationScope) -> QuerySet[Revocation]:
    return Revocation.objects.filter(scope=scope, issuer=settings.CONFIG.issuer)


def _begun() -> Cast:
    return Cast(Extract(OuterRef("issued_at"), "epoch"), BigIntegerField())
