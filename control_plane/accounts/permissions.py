"""Who may call an operation: by role, or by a permission that was granted."""

from datetime import datetime

from django.db.models import Q, QuerySet
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from control_plane.accounts.callers import find_caller
from control_plane.accounts.models import Role, User
from control_plane.accounts.permission_names import Permission


def may(user: User | None, permission: Permission) -> bool:
    """Whether somebody may do this now: administrators may, and whoever was granted it. The first
    question of a request costs others a query, all that follow nothing."""
    return user is not None and (user.is_staff or permission in user.held_permissions)


def list_who_may(permission: Permission, *, now: datetime) -> QuerySet[User]:
    """Administrators, and all who were granted this."""
    live = Q(permission_grants__until=None) | Q(permission_grants__until__gt=now)
    granted = Q(live, permission_grants__permission=permission, permission_grants__revoked_at=None)
    return User.objects.filter(Q(role=Role.ADMIN) | granted, is_active=True).distinct()


class IsCreator(BasePermission):
    """Somebody who may put films in: a creator or an administrator."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        caller = find_caller(request)
        return caller is not None and caller.may_create


class IsAdmin(BasePermission):
    """An administrator."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        caller = find_caller(request)
        return caller is not None and caller.is_staff


def holds(permission: Permission) -> type[BasePermission]:
    """An administrator, or somebody who was granted this."""

    class Holds(BasePermission):
        def has_permission(self, request: Request, _view: APIView) -> bool:
            return may(find_caller(request), permission)

    return Holds
