"""Granting and taking back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.entitlements.models import Grant
from control_plane.errors import NotFound


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


def _check_video(user: User, video_id: UUID) -> None:
    # The catalogue builds on this package, so its model is known by name only.
    videos: QuerySet[Any] = apps.get_model("catalogue", "Video").objects.filter(id=video_id)
    if not (videos if user.is_staff else videos.filter(owner_id=user.id)).exists():
        raise NotFound("No such video.")


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
