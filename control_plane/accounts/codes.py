"""Codes of authenticator apps (TOTP, RFC 6238): each is good once, and no secret is kept in the
clear, nor is it while its app is being set up.

Allauth remembers a code for one step of time, but ours count in three; and a code that set an app
up would log in with it too.
"""

import json
from contextlib import suppress
from typing import Any, Final

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.headless.mfa import inputs, views
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import decrypt, encrypt
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from control_plane.accounts.models import User
from control_plane.accounts.recent_log_ins import AsksLoneSessions
from control_plane.encryption import SecretUnreadable

_STEPS: Final = 2 * app_settings.TOTP_TOLERANCE + 1


def take_code(user: User, code: str) -> bool:
    """Use a code of the user's; whether nobody has while it counts."""
    taken: bool = cache.add(_name(user, code), True, timeout=_STEPS * app_settings.TOTP_PERIOD)
    return taken


def _name(user: User, code: str) -> str:
    """Of a code that was used, in the cache."""
    return f"code:{user.pk}:{normalize_user_code(code)}"


class GoodOnce:
    """For forms with a code."""

    user: User
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        # Allauth begins to count failures anew at a right code, which one that was used is no more.
        if cache.get(_name(self.user, self.cleaned_data["code"])):
            raise get_adapter().validation_error("incorrect_code")
        code: str = super().clean_code()  # type: ignore[misc]  # the form's
        if not take_code(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateInput(GoodOnce, inputs.AuthenticateInput):
    """The second step of a log-in."""


class ReauthenticateInput(GoodOnce, inputs.ReauthenticateInput):
    """Proof of who is logged in."""


class ActivateInput(GoodOnce, inputs.ActivateTOTPInput):
    """The first code of an app; the session holds the secret that it was shown."""

    secret: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with suppress(SecretUnreadable):  # none was shown, so no code can be right
            self.secret = decrypt(self.secret)


class Authenticate(views.AuthenticateView):
    input_class = AuthenticateInput


class Reauthenticate(views.ReauthenticateView):
    input_class = ReauthenticateInput


class ManageApp(AsksLoneSessions, views.ManageTOTPView):
    """The authenticator app of an account. Who asks is proven first: a code that comes too soon
    would be used up, and a secret shown to whoever passes by."""

    input_class: Final = {"POST": ActivateInput}

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise_if_reauthentication_required(request, app="allauth.mfa")
        return super().handle(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """With a picture of what the app is to read, where there is no app yet."""
        response: HttpResponse = super().get(request, *args, **kwargs)
        members = json.loads(response.content)
        if url := members.get("meta", {}).get("totp_url"):
            members["meta"]["totp_svg"] = get_adapter().build_totp_svg(url)
            response.content = json.dumps(members)
            secret = request.session[SECRET_SESSION_KEY]
            request.session[SECRET_SESSION_KEY] = encrypt(secret)
        return response
