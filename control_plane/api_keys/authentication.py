"""Keys in the `Authorization` header, where access tokens stand too.

Named first in the settings, since the class for access tokens refuses whatever else it finds there.
"""

from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from control_plane.accounts.models import User
from control_plane.api_keys.models import ApiKey
from control_plane.api_keys.scopes import find_scope
from control_plane.api_keys.services import PREFIX, find_key, record_use

_BEARER: Final = "Bearer "
_RECALLED: Final = "recalled_api_key"


def read_key(request: Request | HttpRequest) -> str | None:
    """The text of the key that a request comes with, good or not."""
    token = request.headers.get("Authorization", "").removeprefix(_BEARER)
    return token if token.startswith(PREFIX) else None


def recall_key(request: HttpRequest) -> ApiKey | None:
    """The key that a request comes with; None where it has none, or one that opens nothing. It is
    looked up when this is first asked of a request."""
    if not hasattr(request, _RECALLED):
        text = read_key(request)
        key = None if text is None else find_key(text, now=timezone.now())
        setattr(request, _RECALLED, key)
    found: ApiKey | None = getattr(request, _RECALLED)
    return found


class ApiKeyAuthentication(BaseAuthentication):
    """Whoever a key belongs to, where its scopes reach."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        if read_key(request) is None:
            return None
        key = recall_key(request._request)
        if key is None:
            raise AuthenticationFailed("No such key, or none any more.")
        _check_scope(key, request)
        record_use(key, now=timezone.now())
        return key.user, key

    def authenticate_header(self, _request: Request) -> str:
        return _BEARER.strip()


def _check_scope(key: ApiKey, request: Request) -> None:
    scope = find_scope(request.method or "", request.path)
    if scope is None:
        raise PermissionDenied("API keys may not call this.")
    if scope not in key.scopes:
        raise PermissionDenied(f"The key has no scope {scope}.")
