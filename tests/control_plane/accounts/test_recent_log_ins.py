"""Tests for accounts without a password: what they may do after a log-in that was just now."""

import json
import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from control_plane.accounts.models import User
from control_plane.accounts.recent_log_ins import RECENT_S
from tests.control_plane.accounts.journeys import PASSWORD, call, try_log_in
from tests.control_plane.accounts.provider_visits import log_in_by
from tests.control_plane.conftest import MakeUser
from tests.openid_provider import CLIENT_ID, OpenIdServer

pytestmark = pytest.mark.django_db

CHANGE = "browser/account/password/change"
# What asks who it is, and what it is answered when it is known.
CALLS = [
    (CHANGE, {"new_password": PASSWORD}, 200),
    ("me/export", {}, 200),
    ("me/deletion", {}, 204),
]


def send(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/{path}", json.dumps(body), "application/json")


def age_log_ins(seconds: float) -> None:
    """Let every log-in have been so much earlier."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
            record["at"] -= seconds
        session.save()


@pytest.mark.parametrize(("path", "body", "status"), CALLS, ids=lambda value: str(value))
@pytest.mark.usefixtures("school")
def test_a_log_in_by_a_provider_stands_for_the_password_for_ten_minutes(
    client: Client, path: str, body: dict[str, Any], status: int
) -> None:
    log_in_by(client)
    age_log_ins(RECENT_S + 1)
    answer = send(client, path, body)
    assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    log_in_by(client)
    assert send(client, path, body).status_code == status


@pytest.mark.usefixtures("school")
def test_a_first_password_is_good_to_log_in(client: Client) -> None:
    log_in_by(client)
    send(client, CHANGE, {"new_password": PASSWORD})
    assert try_log_in("ada@example.org").status_code == 200
    answer = send(client, "me/export", {})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "password")


def test_a_program_may_too_by_its_own_log_in(school: OpenIdServer) -> None:
    brought = {"client_id": CLIENT_ID, "id_token": school.sign()}
    body = {"provider": "school", "process": "login", "token": brought}
    tokens = call("POST", "auth/provider/token", body).json()["meta"]
    bearer = f"Bearer {tokens['access_token']}"
    assert call("POST", "me/export", {}, Authorization=bearer).status_code == 200
    age_log_ins(RECENT_S + 1)
    assert call("POST", "me/deletion", {}, Authorization=bearer).status_code == 401
    assert User.objects.exists()


def test_who_was_given_no_password_has_to_choose_one(client: Client, make_user: MakeUser) -> None:
    user = make_user()
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert send(client, "me/deletion", {}).json()["code"] == "reauthentication_required"
    assert send(client, CHANGE, {"new_password": PASSWORD}).status_code == 401


@pytest.mark.usefixtures("school")
def test_a_log_in_of_somebody_else_in_the_same_session_does_not_count(client: Client) -> None:
    log_in_by(client)
    age_log_ins(RECENT_S + 1)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = "somebody else"
    session.save()
    assert send(client, "me/export", {}).status_code == 401
