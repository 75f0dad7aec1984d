"""Granting and taking back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import Q, QuerySet

from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.entitlements.ending import end_unentitled
from control_plane.entitlements.models import Grant, Group
from control_plane.errors import NotFound, require

Grantee: TypeAlias = User | Group | str


@dataclass(frozen=True, slots=True)
class Target:
    """What is granted: the id of one of them."""

    video: UUID | None = None
    course: UUID | None = None
    category: UUID | None = None


def list_grants(user: User) -> QuerySet[Grant]:
    """Those that a user may see and take back: of their own videos and courses; all for
    who manages everybody's."""
    grants = Grant.objects.select_related("user", "group")
    theirs = Q(video__owner_id=user.id) | Q(course__owner_id=user.id)
    return grants if may(user, Permission.MANAGE_ENTITLEMENTS) else grants.filter(theirs)


def access_grant(user: User, grant_id: UUID) -> Grant:
    """One of `list_grants`; raise `NotFound` for all others."""
    return require(list_grants(user).filter(id=grant_id).first(), "No such grant.")


@transaction.atomic
def grant_access(
    grantee: Grantee,
    target: Target | UUID,
    *,
    by: User,
    expires_at: datetime | None,
    note: str = "",
    window_s: int | None = None,
) -> tuple[Grant, bool]:
    """Let a user, a group, or the holder of an e-mail address, watch; whether that is new.

    Granting again extends: the later end counts, and none at all is the latest; a rental begins
    anew. Raises `NotFound` unless `by` may grant this.
    """
    target = Target(video=target) if isinstance(target, UUID) else target
    _check_target(by, target)
    grant, is_new = Grant.objects.select_for_update().get_or_create(
        **_describe(grantee, target),
        defaults={
            "granted_by": by,
            "expires_at": expires_at,
            "note": note,
            "window_s": window_s,
        },
    )
    if not is_new:
        _extend(grant, by=by, expires_at=expires_at, note=note, window_s=window_s)
    return grant, is_new


def _describe(grantee: Grantee, target: Target) -> dict[str, Any]:
    """What there is one grant of."""
    return {
        "video_id": target.video,
        "course_id": target.course,
        "category_id": target.category,
        "user": grantee if isinstance(grantee, User) else None,
        "group": grantee if isinstance(grantee, Group) else None,
        "email": grantee.strip().lower() if isinstance(grantee, str) else "",
    }


def _extend(
    grant: Grant, *, by: User, expires_at: datetime | None, note: str, window_s: int | None
) -> None:
    grant.granted_by = by
    grant.expires_at = expires_at if window_s else _later(grant.expires_at, expires_at)
    grant.window_s, grant.first_played_at = window_s, None
    grant.note = note or grant.note
    grant.save()


@transaction.atomic
def take_back(grant: Grant, *, now: datetime) -> None:
    """Delete a grant, and end what its holders watch by it and nothing else allows."""
    holders = list(_list_holders(grant))
    video_id = grant.video_id
    grant.delete()
    end_unentitled(holders, video_id=video_id, now=now)


@transaction.atomic
def change_grant(grant: Grant, *, now: datetime) -> None:
    """Store what was changed of a grant; what it allows no more is ended."""
    before = Grant.objects.select_for_update().get(pk=grant.pk)
    grant.save()
    end_unentitled(_list_holders(before), video_id=before.video_id, now=now)


def _list_holders(grant: Grant) -> QuerySet[User]:
    if grant.user_id is not None:
        return User.objects.filter(pk=grant.user_id)
    if grant.group_id is not None:
        return User.objects.filter(memberships__group_id=grant.group_id)
    return User.objects.filter(email=grant.email)


def _check_target(user: User, target: Target) -> None:
    for name, target_id in (("Video", target.video), ("Course", target.course)):
        if target_id is not None:
            _check_owned(user, name, target_id)
    if target.category is not None:
        _check_category(user, target.category)


def check_video(user: User, video_id: UUID) -> None:
    """Raises `NotFound` unless a user may let others watch this video."""
    _check_owned(user, "Video", video_id)


def _check_owned(user: User, name: str, target_id: UUID) -> None:
    rows = _catalogue(name).filter(id=target_id)
    if not may(user, Permission.MANAGE_ENTITLEMENTS):
        rows = rows.filter(owner_id=user.id)
    if not rows.exists():
        raise NotFound(f"No such {name.lower()}.")


def _check_category(user: User, category_id: UUID) -> None:
    """Categories are nobody's, so that only who manages all grants gives them."""
    is_there = _catalogue("Category").filter(id=category_id).exists()
    if not is_there or not may(user, Permission.MANAGE_ENTITLEMENTS):
        raise NotFound("No such category.")


# The catalogue builds on this package, so its models are known by name only.
def _catalogue(name: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("catalogue", name).objects.all()
    return rows


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
