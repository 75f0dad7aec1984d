"""Log-in by provider: the way there, the way back, and what programs and pages ask of it.

Allauth's views, where they would fail over what a provider answers, or suit no page with a policy
that lets forms go nowhere else.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeAlias

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.headless.base.response import APIResponse
from allauth.headless.internal.restkit.response import ErrorResponse
from allauth.headless.socialaccount import inputs
from allauth.headless.socialaccount.forms import RedirectToProviderForm
from allauth.headless.socialaccount.response import SocialAccountsResponse
from allauth.headless.socialaccount.views import (
    ManageProvidersView,
    ProviderSignupView,
    ProviderTokenView,
    RedirectToProviderView,
)
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import CharField
from django.http import Http404, HttpRequest
from django.utils import timezone
from requests import RequestException

from control_plane.accounts.providers.facebook import FacebookClient
from control_plane.accounts.providers.offered import list_offered
from control_plane.accounts.providers.openid import OpenIdClient
from control_plane.accounts.recent_log_ins import check_lone_session
from control_plane.accounts.sign_up import admit
from control_plane.accounts.social_adapter import read_invitation
from control_plane.errors import Refused, render_problem

Answer: TypeAlias = Any  # a response of allauth's, whose views have no types

# What a provider that is away, or answers in another form, ends in.
_FAULTS = (OAuth2Error, RequestException, AttributeError, KeyError, TypeError, ValueError)


class ProviderTokenInput(inputs.ProviderTokenInput):
    """With an invitation, where there is one."""

    invitation = CharField(required=False, max_length=64)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if "sociallogin" in cleaned:
            cleaned["sociallogin"].state["invitation"] = cleaned.get("invitation")
        return cleaned


class ProviderSignupInput(inputs.SignupInput):
    """With an invitation, which an address that has an account uses up like any other."""

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        if self.account_already_exists:
            token, email = read_invitation(self.sociallogin, self), self.cleaned_data["email"]
            admit(token, email=email, now=timezone.now())
        saved: tuple[Any, Any] = super().try_save(request)
        return saved


class RedirectToProvider(RedirectToProviderView):
    """Sends a form on to the provider (302). A script, which could not follow, is told the way:
    the answer to a form is bound by the page's policy, where a script goes is not."""

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        return _refuse_plainly(super().dispatch, request)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        form, is_script = RedirectToProviderForm(request.POST), not request.accepts("text/html")
        if not form.is_valid():
            if is_script:
                return ErrorResponse(request, input=form)
            return _send_back(request, request.POST.get("provider"), ValidationError(form.errors))
        if is_script and form.cleaned_data["process"] == AuthProcess.CONNECT:
            raise_if_reauthentication_required(request, app="allauth.socialaccount")
            check_lone_session(request)
        try:
            way = _find_way(request, form)
        except _FAULTS as error:
            if is_script:
                return APIResponse(request, status=HTTPStatus.SERVICE_UNAVAILABLE)
            return _send_back(request, form.cleaned_data["provider"], error)
        return APIResponse(request, data={"location": way["Location"]}) if is_script else way


class ProviderToken(ProviderTokenView):
    """Takes a token that a program got from a provider by itself."""

    input_class = ProviderTokenInput

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        return _refuse_plainly(super().dispatch, request)


class ProviderSignup(ProviderSignupView):
    """Takes what a provider did not tell."""

    input_class = ProviderSignupInput

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        return _refuse_plainly(super().dispatch, request)


class ConnectedAccounts(ManageProvidersView):
    """The accounts elsewhere that somebody may log in by; of a provider that is not offered any
    more there is nothing to tell."""

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        return _refuse_plainly(super().dispatch, request)

    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
        check_lone_session(request)
        return super().delete(request, *args, **kwargs)

    @classmethod
    def respond_provider_accounts(cls, request: HttpRequest) -> SocialAccountsResponse:
        offered = [app.provider_id for app in list_offered(settings.CONFIG)]
        accounts = SocialAccount.objects.filter(user=request.user, provider__in=offered)
        return SocialAccountsResponse(request, accounts.order_by("pk"))


class Callback(OAuth2CallbackView):
    """Where a provider sends people back to."""

    _state: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
        try:
            return super().dispatch(request, *args, **kwargs)
        except SocialApp.DoesNotExist:
            raise Http404 from None
        except Refused as refusal:
            return self._send_back(refusal, refusal.problem.code)
        except _FAULTS as error:
            return self._send_back(error)

    def _send_back(self, error: Exception, code: str = AuthError.UNKNOWN) -> Answer:
        return _send_back(
            self.request, self.adapter.get_provider(), error, code=code, state=self._state
        )

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        self._state, refusal = super()._get_state(request, provider)
        return self._state, refusal


def come_back(request: HttpRequest, provider_id: str) -> Answer:
    """From an OpenID Connect provider."""
    return Callback.adapter_view(OpenIdClient(request, provider_id))(request)


come_back_from_facebook = Callback.adapter_view(FacebookClient)


def _find_way(request: HttpRequest, form: RedirectToProviderForm) -> Answer:
    """The redirect to the provider. What is awaited from there is kept in the session."""
    return form.cleaned_data["provider"].redirect(
        request,
        form.cleaned_data["process"],
        next_url=form.cleaned_data["callback_url"],
        headless=True,
        invitation=request.POST.get("invitation", ""),
    )


def _send_back(
    request: HttpRequest,
    provider: Any,
    error: Exception,
    *,
    code: str = AuthError.UNKNOWN,
    state: Any = None,
) -> Answer:
    """To where the log-in began, with `error` in the address."""
    return render_authentication_error(
        request, provider, error=code, exception=error, extra_context={"state": state}
    )


def _refuse_plainly(answer: Callable[[HttpRequest], Answer], request: HttpRequest) -> Answer:
    """What nobody is told more of, as a bad token; what everybody may know, as it is."""
    try:
        return answer(request)
    except OAuth2Error:
        return ErrorResponse(request, exception=get_adapter().validation_error("invalid_token"))
    except Refused as refusal:
        return render_problem(refusal.problem)
