"""Granting and taking back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.entitlements.decisions import Verdict
from control_plane.entitlements.models import Grant
from control_plane.entitlements.selectors import judge
from control_plane.errors import NotFound
from control_plane.revocations.services import revoke_session


def list_grants(user: User) -> QuerySet[Grant]:
    """Those that a user may see and take back: of their own videos; an administrator's are all."""
    grants = Grant.objects.select_related("user")
    return grants if user.is_staff else grants.filter(video__owner_id=user.id)


def access_grant(user: User, grant_id: UUID) -> Grant:
    """One of `list_grants`; raise `NotFound` for all others."""
    grant = list_grants(user).filter(id=grant_id).first()
    if grant is None:
        raise NotFound("No such grant.")
    return grant


@transaction.atomic
def grant_access(
    grantee: User | str, video_id: UUID, *, by: User, expires_at: datetime | None, note: str = ""
) -> tuple[Grant, bool]:
    """Let a user, or the holder of an e-mail address, watch; whether that is new.

    Granting again extends: the later end counts, and none at all is the latest. Raises `NotFound`
    unless `by` may grant this video.
    """
    _check_video(by, video_id)
    grant, is_new = Grant.objects.select_for_update().get_or_create(
        video_id=video_id,
        user=grantee if isinstance(grantee, User) else None,
        email=grantee.strip().lower() if isinstance(grantee, str) else "",
        defaults={"granted_by": by, "expires_at": expires_at, "note": note},
    )
    if not is_new:
        grant.granted_by = by
        grant.expires_at = _later(grant.expires_at, expires_at)
        grant.note = note or grant.note
        grant.save()
    return grant, is_new


@transaction.atomic
def take_back(grant: Grant, *, now: datetime) -> None:
    """Delete a grant, and end what its holders watch by it and nothing else allows."""
    holders = list(_list_holders(grant))
    grant.delete()
    end_unentitled(holders, grant.video_id, now=now)


@transaction.atomic
def change_grant(grant: Grant, *, now: datetime) -> None:
    """Store what was changed of a grant; what it allows no more is ended."""
    before = Grant.objects.select_for_update().get(pk=grant.pk)
    grant.save()
    end_unentitled(_list_holders(before), before.video_id, now=now)


def end_unentitled(users: Iterable[User], video_id: UUID, *, now: datetime) -> None:
    """End these users' sessions of a video that reach beyond what they may watch now."""
    video = _videos().get(id=video_id)
    sessions = _sessions().filter(video_id=video_id, expires_at__gt=now)
    for user in users:
        verdict = judge(user, video, now=now)
        theirs = sessions.filter(user=user)
        for session_id in _beyond(theirs, verdict).values_list("id", flat=True):
            revoke_session(str(session_id), now=now)


def _beyond(sessions: QuerySet[Any], verdict: Verdict) -> QuerySet[Any]:
    if not verdict.allowed:
        return sessions
    return (
        sessions.none() if verdict.until is None else sessions.filter(expires_at__gt=verdict.until)
    )


def _list_holders(grant: Grant) -> QuerySet[User]:
    if grant.user_id is not None:
        return User.objects.filter(pk=grant.user_id)
    return User.objects.filter(email=grant.email)


def _check_video(user: User, video_id: UUID) -> None:
    videos = _videos().filter(id=video_id)
    if not (videos if user.is_staff else videos.filter(owner_id=user.id)).exists():
        raise NotFound("No such video.")


# Catalogue and playback build on this package, so their models are known by name only.
def _videos() -> QuerySet[Any]:
    return apps.get_model("catalogue", "Video").objects.all()


def _sessions() -> QuerySet[Any]:
    return apps.get_model("playback", "PlaybackSession").objects.all()


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
