"""Routes of accounts: who I am, and all that allauth answers.

Its operations lie at `auth/`, `account/` and `tokens/` for programs that hold tokens, and below
`browser/` for pages that hold a session cookie.
"""

from typing import Any, Final

from allauth.headless.constants import Client
from allauth.headless.urls import build_urlpatterns
from django.urls import URLPattern, URLResolver, include, path

from control_plane.accounts.api import Me
from control_plane.accounts.newcomers import SignUp
from control_plane.accounts.passwords import ChangePassword

# Answered by views of our own.
_OURS: Final[dict[str, Any]] = {"change_password": ChangePassword, "signup": SignUp}

Routes = list[URLPattern | URLResolver]

# Log-in by code and telephone numbers are not offered.
_NOT_OFFERED: Final = {
    "confirm_login_code",
    "manage_phone",
    "resend_email_verification_code",
    "resend_phone_verification_code",
    "verify_phone",
}


def _list_routes(client: Client) -> Routes:
    """Allauth's routes for one kind of client, without the `app/v1/` it puts before them."""
    (versioned,) = build_urlpatterns(client)
    return _choose_offered(versioned.url_patterns, client)


def _choose_offered(routes: Routes, client: Client) -> Routes:
    chosen: Routes = []
    for route in routes:
        if isinstance(route, URLResolver):
            inner = _choose_offered(route.url_patterns, client)
            chosen.append(URLResolver(route.pattern, inner, {}, route.app_name, route.namespace))
        elif route.name in _OURS:
            view = _OURS[route.name].as_api_view(client=client)
            chosen.append(URLPattern(route.pattern, view, name=route.name))
        elif route.name not in _NOT_OFFERED:
            chosen.append(route)
    return chosen


_headless: Routes = [
    path("", include((_list_routes(Client.APP), "headless"), namespace="app")),
    path("browser/", include((_list_routes(Client.BROWSER), "headless"), namespace="browser")),
]

urlpatterns: Routes = [
    path("me", Me.as_view(), name="me"),
    path("", include((_headless, "headless"), namespace="headless")),
]
