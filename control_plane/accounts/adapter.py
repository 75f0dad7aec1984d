"""How allauth meets this site: who may sign up and log in, where a request comes from, what its
mails look like."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.base.response import UnauthorizedResponse
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest

from control_plane.accounts.mails import attach_html
from control_plane.accounts.sign_up import may_knock
from control_plane.client_address import locate_client
from control_plane.config import SignUpMode


class AccountAdapter(DefaultAccountAdapter):
    """Named in the settings; allauth asks it."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return settings.CONFIG.sign_up is not SignUpMode.CLOSED

    def get_login_stages(self) -> list[str]:
        """Whoever waits to be let in is told so once the address is confirmed."""
        stages: list[str] = super().get_login_stages()
        after = stages.index("allauth.account.stages.EmailVerificationStage") + 1
        return [*stages[:after], "control_plane.accounts.stages.ApprovalStage", *stages[after:]]

    def get_client_ip(self, request: HttpRequest) -> str:
        """What failed log-ins are counted by, beside the account."""
        return locate_client(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Nobody, for an account that was shut: an answer of its own would tell whoever guesses
        that the password is right."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is None or user.is_active:
            return user
        self.authentication_failed(request, **credentials)
        return None

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Nobody whose account was shut between the password and a second step."""
        if not user.is_active:
            raise ImmediateHttpResponse(UnauthorizedResponse(request))
        super().login(request, user)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """The text, and the same as HTML."""
        facts = {**context, "may_knock": may_knock(settings.CONFIG.sign_up)}
        message: EmailMultiAlternatives = super().render_mail(
            template_prefix, email, facts, headers
        )
        attach_html(message)
        return message
