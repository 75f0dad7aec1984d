"""Reads of granted permissions."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from control_plane.errors import require
from control_plane.permission_grants.models import PermissionGrant


def list_permission_grants() -> QuerySet[PermissionGrant]:
    """Everybody's, those that have ended too."""
    return PermissionGrant.objects.select_related("user", "granted_by").order_by("-id")


def live(now: datetime) -> Q:
    """Whether one holds, as a condition."""
    return Q(revoked_at=None) & (Q(until=None) | Q(until__gt=now))


def access_permission_grant(grant_id: UUID) -> PermissionGrant:
    """Anybody's; raises `NotFound`."""
    return require(list_permission_grants().filter(pk=grant_id).first(), "No such permission.")
