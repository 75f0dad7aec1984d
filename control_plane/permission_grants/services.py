"""Granting permissions, and taking them back."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.activity.models import Kind
from control_plane.activity.services import note
from control_plane.permission_grants.models import PermissionGrant


@transaction.atomic
def grant_permission(
    user: User,
    permission: Permission,
    *,
    until: datetime | None,
    by: User,
    now: datetime,
    request: HttpRequest,
) -> tuple[PermissionGrant, bool]:
    """Let somebody do this; whether that changed anything. What was granted before for another
    time is replaced. Who grants to one user at a time waits for who does so already."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = PermissionGrant.objects.filter(user=user, permission=permission, revoked_at=None)
    present = before.first()
    if present is not None and present.until == until:
        return present, False
    before.update(revoked_at=now, revoked_by=by)
    granted = PermissionGrant.objects.create(
        user=user, permission=permission, granted_by=by, granted_at=now, until=until
    )
    end = "" if until is None else f" until {until:%Y-%m-%d %H:%M} UTC"
    note(user, Kind.PERMISSION_GRANTED, request, by=by, detail=f"{permission.value}{end}")
    return granted, True


def revoke_permission(
    grant: PermissionGrant, *, by: User, now: datetime, request: HttpRequest
) -> bool:
    """From the next request on it holds nothing; whether it was not revoked before."""
    open_ones = PermissionGrant.objects.filter(pk=grant.pk, revoked_at=None)
    if not open_ones.update(revoked_at=now, revoked_by=by):
        return False
    note(grant.user, Kind.PERMISSION_REVOKED, request, by=by, detail=grant.permission)
    return True
