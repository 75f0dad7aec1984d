"""By what a call is counted: the user who makes it, or the address that it comes from.

Tokens and keys are verified, since a made-up one would otherwise be a caller that was never seen
before.
Whether the session behind a token still lives is for the view to say, which asks the database.
"""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from allauth.headless.tokens.strategies.jwt import internal
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from control_plane.api_keys.authentication import read_key, recall_key
from control_plane.client_address import locate_client

# What one household or machine usually has.
_IPV6_PREFIX: Final = 64
_BEARER: Final = "Bearer "


def find_user_id(request: HttpRequest) -> str | None:
    """Who is logged in, by API key, bearer token or cookie; None for a visitor."""
    if read_key(request) is not None:
        key = recall_key(request)
        return None if key is None else str(key.user_id)
    header = request.headers.get("Authorization", "")
    if header.startswith(_BEARER):
        payload: dict[str, Any] | None = internal.decode_token(
            header.removeprefix(_BEARER), "access"
        )
        return None if payload is None else str(payload["sub"])
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user_id = request.session.get(SESSION_KEY)
    return None if user_id is None else str(user_id)


def find_address(request: HttpRequest) -> str:
    """The client's address (`control_plane.client_address`); of IPv6 its network."""
    found = locate_client(request)
    try:
        address = ip_address(found)
    except ValueError:  # the peer of a socket that has a path
        return found
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6_PREFIX), strict=False))
    return found
