"""Routes of accounts: who I am, who may come in, and all that allauth answers.

Its operations lie at `auth/`, `account/` and `tokens/` for programs that hold tokens, and below
`browser/` for pages that hold a session cookie.
"""

from collections.abc import Mapping
from typing import Final

from allauth.headless.account.views import ChangePasswordView, SignupView
from allauth.headless.base.views import APIView
from allauth.headless.constants import Client
from allauth.headless.mfa.views import (
    AuthenticateView,
    AuthenticateWebAuthnView,
    LoginWebAuthnView,
    ManageTOTPView,
    ManageWebAuthnView,
    ReauthenticateView,
    ReauthenticateWebAuthnView,
)
from allauth.headless.socialaccount.views import (
    ManageProvidersView,
    ProviderSignupView,
    ProviderTokenView,
    RedirectToProviderView,
)
from allauth.headless.urls import build_urlpatterns
from django.urls import URLPattern, URLResolver, include, path

from control_plane.accounts.api import Me
from control_plane.accounts.application_api import Applications, Approval, Refusal
from control_plane.accounts.codes import Authenticate, ManageApp, Reauthenticate
from control_plane.accounts.factors_api import FactorsOfUser
from control_plane.accounts.invitation_api import Invitations, OneInvitation
from control_plane.accounts.newcomers import SignUp
from control_plane.accounts.passkeys import (
    AuthenticateByPasskey,
    LogInByPasskey,
    ManagePasskeys,
    ReauthenticateByPasskey,
)
from control_plane.accounts.passwords import ChangePassword
from control_plane.accounts.provider_views import (
    ConnectedAccounts,
    ProviderSignup,
    ProviderToken,
    RedirectToProvider,
    come_back,
    come_back_from_facebook,
)

# Allauth's views, and those of our own that stand for them.
_OURS: Final[Mapping[type[APIView], type[APIView]]] = {
    ChangePasswordView: ChangePassword,
    SignupView: SignUp,
    AuthenticateView: Authenticate,
    ReauthenticateView: Reauthenticate,
    ManageTOTPView: ManageApp,
    ManageWebAuthnView: ManagePasskeys,
    AuthenticateWebAuthnView: AuthenticateByPasskey,
    ReauthenticateWebAuthnView: ReauthenticateByPasskey,
    LoginWebAuthnView: LogInByPasskey,
    ManageProvidersView: ConnectedAccounts,
    ProviderSignupView: ProviderSignup,
    ProviderTokenView: ProviderToken,
    RedirectToProviderView: RedirectToProvider,
}

# Not described for programs either: they have no browser to send.
_FOR_PAGES: Final = {"redirect_to_provider"}

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
        elif client == Client.APP and route.name in _FOR_PAGES:
            continue
        elif route.name not in _NOT_OFFERED:
            theirs: type[APIView] = getattr(route.callback, "view_class")  # noqa: B009  (of views)
            view = _OURS.get(theirs, theirs).as_api_view(client=client)
            chosen.append(URLPattern(route.pattern, view, name=route.name))
    return chosen


_headless: Routes = [
    path("", include((_list_routes(Client.APP), "headless"), namespace="app")),
    path("browser/", include((_list_routes(Client.BROWSER), "headless"), namespace="browser")),
]

urlpatterns: Routes = [
    path("me", Me.as_view(), name="me"),
    path("users/<uuid:user_id>/second-factors", FactorsOfUser.as_view(), name="factors-of-user"),
    path("invitations", Invitations.as_view(), name="invitations"),
    path("invitations/<uuid:invitation_id>", OneInvitation.as_view(), name="invitation"),
    path("applications", Applications.as_view(), name="applications"),
    path(
        "applications/<uuid:applicant_id>/approve", Approval.as_view(), name="approve-application"
    ),
    path("applications/<uuid:applicant_id>/decline", Refusal.as_view(), name="decline-application"),
    path("", include((_headless, "headless"), namespace="headless")),
]

# Where providers send people back to, by the names that allauth looks for.
callbacks: Routes = [
    path("login/by/facebook", come_back_from_facebook, name="facebook_callback"),
    path("login/by/<slug:provider_id>", come_back, name="openid_connect_callback"),
]
