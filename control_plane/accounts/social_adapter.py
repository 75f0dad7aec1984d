"""How allauth's social log-in meets this site: which providers there are, who may come by them,
and what becomes of an account that was made elsewhere."""

import logging
from typing import Any, Final

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.accounts.providers.offered import list_offered
from control_plane.accounts.providers.outbound import ProviderSession
from control_plane.accounts.recent_log_ins import check_lone_session
from control_plane.accounts.sign_up import admit, judge_sign_up, settle
from control_plane.config import SignUpMode

_LOG: Final = logging.getLogger(__name__)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Named in the settings; allauth asks it."""

    def list_apps(
        self, _request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Those of the settings alone; `provider` is the id by which a provider is known here."""
        return [
            app
            for app in list_offered(settings.CONFIG)
            if provider in (None, app.provider_id) and client_id in (None, app.client_id)
        ]

    def get_requests_session(self) -> ProviderSession:
        return ProviderSession()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse who is shut out as one is refused whom the provider does not know; and let an
        account with the same address be entered by its own log-in only. That a provider says an
        address is verified proves too little: it may have been, years ago, or be another's now.

        Raises `OAuth2Error`, `Refused` or Django's `ValidationError`.
        """
        process = sociallogin.state.get("process")
        sociallogin.token = None  # or it would be kept with a sign-up that waits for more
        if process == AuthProcess.CONNECT:
            check_lone_session(request)
        elif sociallogin.is_existing:
            if not sociallogin.user.is_active:
                raise OAuth2Error("The account is shut.")
        else:
            self._refuse_taken_address(sociallogin)

    def _refuse_taken_address(self, sociallogin: SocialLogin) -> None:
        """Said to whom the provider knows as the address's holder; anybody else is answered like a
        newcomer, and its holder is told by mail."""
        verified = [one.email for one in sociallogin.email_addresses if one.verified]
        if any(filter_users_by_email(email) for email in verified):
            raise self.validation_error("email_taken", sociallogin.provider.name)

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        length = User._meta.get_field("display_name").max_length
        user.display_name = (data.get("name") or "")[:length]
        return user

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        """Raises `Refused` where it is not, as every other way to sign up does."""
        if settings.CONFIG.sign_up is SignUpMode.CLOSED:
            judge_sign_up(SignUpMode.CLOSED, None)
        return True

    def is_auto_signup_allowed(self, _request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whoever brings an address that has an account is let in, or refused, like a newcomer."""
        email = next((one.email for one in sociallogin.email_addresses), "")
        if email and filter_users_by_email(email):
            admit(read_invitation(sociallogin), email=email, now=timezone.now())
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Raises `Refused`, and `OAuth2Error` where somebody has come first in the meantime."""
        email = form.cleaned_data["email"] if form else sociallogin.user.email
        token, now = read_invitation(sociallogin, form), timezone.now()
        try:
            with transaction.atomic():
                admission = admit(token, email=email, now=now)
                if admission.is_address_proven:
                    get_account_adapter().stash_verified_email(request, email)
                user: User = super().save_user(request, sociallogin, form)
                settle(user, admission, request=request, now=now)
        except IntegrityError as error:
            raise OAuth2Error("The account was made by another request.") from error
        return user

    def validate_disconnect(
        self, account: SocialAccount, accounts: QuerySet[SocialAccount]
    ) -> None:
        """No account is left with a provider alone that the site does not offer any more."""
        offered = [app.provider_id for app in list_offered(settings.CONFIG)]
        others = accounts.filter(provider__in=offered).exclude(pk=account.pk)
        if not account.user.has_usable_password() and not others.exists():
            raise self.validation_error("no_password")

    def on_authentication_error(
        self, _request: HttpRequest, provider: Any, **facts: Exception | str | None
    ) -> None:
        """Why it is, the person is not told: what providers answer is for whoever runs the site."""
        _LOG.warning("log-in by %s failed: %s", provider, facts["exception"] or facts["error"])


def read_invitation(sociallogin: SocialLogin, form: Any = None) -> str:
    """The token of an invitation: sent with what was missing, or when the log-in began."""
    sent = form.cleaned_data["invitation"] if form else ""
    return str(sent or sociallogin.state.get("invitation") or "")
