"""Who may call an operation, by role."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from control_plane.accounts.callers import find_caller


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
