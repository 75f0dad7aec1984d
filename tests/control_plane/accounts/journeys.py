"""What somebody does to have an account and to use it, through the API."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from control_plane.accounts.invitations import create_invitation
from control_plane.accounts.models import Application, User
from control_plane.config import SignUpMode

PASSWORD = "correct horse battery"
EMAIL = "ada@example.org"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What logging in gives."""

    access: str
    refresh: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}


def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
    """One call by a program; its answer."""
    content = b"" if body is None else json.dumps(body)
    return Client().generic(method, f"/api/v1/{path}", content, "application/json", headers=headers)


def sign_up(email: str = EMAIL, **extra: Any) -> Any:
    return call("POST", "auth/signup", {"email": email, "password": PASSWORD, **extra})


def verify_email(email: str = EMAIL) -> Any:
    return call("POST", "auth/email/verify", {"key": read_key(email)})


def try_log_in(email: str = EMAIL, password: str = PASSWORD) -> Any:
    return call("POST", "auth/login", {"email": email, "password": password})


def log_in(email: str = EMAIL, password: str = PASSWORD) -> Tokens:
    meta = try_log_in(email, password).json()["meta"]
    return Tokens(meta["access_token"], meta["refresh_token"])


def join(email: str = EMAIL) -> Tokens:
    """Sign up, verify, log in."""
    sign_up(email)
    verify_email(email)
    return log_in(email)


def refresh(token: str) -> Any:
    return call("POST", "tokens/refresh", {"refresh_token": token})


def read_key(email: str = EMAIL) -> str:
    """The key of the newest link that was mailed to somebody; it is quoted in the link."""
    body = next(str(message.body) for message in reversed(mail.outbox) if email in message.to)
    link = re.search(r"http://testserver/(?:verify|reset)/(\S+)", body)
    assert link is not None, body
    return unquote(link[1])


def set_mode(settings: Settings, mode: SignUpMode) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"sign_up": mode})


def invite(by: User, email: str = "", **facts: Any) -> str:
    """The token of a new invitation."""
    _, link = create_invitation(by=by, request=None, now=timezone.now(), email=email, **facts)
    return read_token(link or str(mail.outbox[-1].body))


def read_token(text: str) -> str:
    return text.partition("http://testserver/signup?invitation=")[2].split()[0]


def make_applicant(user: User) -> Application:
    """Let somebody with a confirmed address wait to be let in."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return Application.objects.create(user=user, made_at=timezone.now())
