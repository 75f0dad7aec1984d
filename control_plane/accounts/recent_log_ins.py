"""A log-in that was just now, in place of the password of who has none."""

import time
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, Final

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.headless.tokens.strategies.jwt.internal import get_token_session
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request

from control_plane.accounts.callers import find_caller
from control_plane.accounts.models import User
from control_plane.errors import Refused, render_problem

RECENT_S: Final = 600


def check_recent_log_in(user: User, session: SessionBase | None, *, now: float) -> None:
    """Raises `Refused` unless this session began, or its holder proved again who they are, within
    the last ten minutes: by a provider, say, or a passkey."""
    records = get_authentication_records(SimpleNamespace(session=session or {}), user)
    if not any(0 <= now - record["at"] < RECENT_S for record in records):
        detail = "Log in again, or choose a password first."
        raise Refused("reauthentication_required", status=HTTPStatus.UNAUTHORIZED, detail=detail)


def check_lone_session(request: HttpRequest) -> None:
    """For a change that lets somebody come back later. Allauth asks nothing of who has neither
    password nor second factor, and so would let whoever has got hold of their session stay.

    Raises `Refused` unless the log-in was just now.
    """
    user = find_caller(request)
    if user is not None and not get_reauthentication_flows(user):
        check_recent_log_in(user, request.session, now=time.time())


class AsksLoneSessions:
    """For allauth's views of what lets somebody come back later."""

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            check_lone_session(request)
        except Refused as refusal:
            return render_problem(refusal.problem)
        handled: HttpResponseBase = super().handle(request, *args, **kwargs)  # type: ignore[misc]
        return handled


def find_session(request: Request) -> SessionBase | None:
    """The session in which a call is made: its access token's, or its cookie's."""
    if isinstance(request.auth, dict):
        session: SessionBase | None = get_token_session(request.auth)
        return session
    return request.session
