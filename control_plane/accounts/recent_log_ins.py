"""A log-in that was just now, in place of the password of who has none."""

from http import HTTPStatus
from types import SimpleNamespace
from typing import Final

from allauth.account.internal.flows.login import get_authentication_records
from allauth.headless.tokens.strategies.jwt.internal import get_token_session
from django.contrib.sessions.backends.base import SessionBase
from rest_framework.request import Request

from control_plane.accounts.models import User
from control_plane.errors import Refused

RECENT_S: Final = 600


def check_recent_log_in(user: User, session: SessionBase | None, *, now: float) -> None:
    """Raises `Refused` unless this session began, or its holder proved again who they are, within
    the last ten minutes: by a provider, say, or a passkey."""
    records = get_authentication_records(SimpleNamespace(session=session or {}), user)
    if not any(0 <= now - record["at"] < RECENT_S for record in records):
        detail = "Log in again, or choose a password first."
        raise Refused("reauthentication_required", status=HTTPStatus.UNAUTHORIZED, detail=detail)


def find_session(request: Request) -> SessionBase | None:
    """The session in which a call is made: its access token's, or its cookie's."""
    if isinstance(request.auth, dict):
        session: SessionBase | None = get_token_session(request.auth)
        return session
    return request.session
