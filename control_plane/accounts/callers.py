"""Who makes a request, as a type that can be trusted."""

from django.http import HttpRequest
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from control_plane.accounts.models import User


def find_caller(request: Request | HttpRequest) -> User | None:
    """The user who is logged in; None for a visitor."""
    return request.user if isinstance(request.user, User) else None


def require_caller(request: Request | HttpRequest) -> User:
    """The user who is logged in; refused for a visitor."""
    caller = find_caller(request)
    if caller is None:
        raise NotAuthenticated
    return caller
