"""Second factors of accounts that log in by a provider, and have no password."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.control_plane.accounts.provider_visits import DESTINATION, log_in_by
from tests.control_plane.accounts.second_steps import APP, CODE, PASSKEYS, show_code
from tests.control_plane.accounts.test_openid import who
from tests.control_plane.accounts.test_recent_log_ins import age_log_ins

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("school")]


def call(client: Client, method: str, path: str, body: Any = None) -> Any:
    content = "" if body is None else json.dumps(body)
    return client.generic(method, f"/api/v1/browser/{path}", content, "application/json")


def test_whoever_comes_by_a_provider_is_asked_for_the_code_too(client: Client) -> None:
    log_in_by(client)
    secret = call(client, "GET", APP).json()["meta"]["secret"]
    assert call(client, "POST", APP, {"code": show_code(secret)}).status_code == 200
    again = Client()
    assert log_in_by(again) == DESTINATION
    assert who(again) is None
    assert again.get(DESTINATION).headers["Location"] == "/login?next=%2Fwatch"
    assert call(again, "GET", "auth/session").json()["code"] == "mfa_authenticate_pending"
    assert call(again, "POST", CODE, {"code": show_code(secret, ahead=1)}).status_code == 200
    assert who(again) == "ada@example.org"


@pytest.mark.parametrize("path", [APP, PASSKEYS])
def test_a_session_that_is_no_longer_fresh_adds_no_factor(client: Client, path: str) -> None:
    log_in_by(client)
    age_log_ins(601)
    for method, body in (("GET", None), ("POST", {"code": "123456", "credential": {}})):
        answer = call(client, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    log_in_by(client)
    assert call(client, "GET", path).status_code in (200, 404)
