"""Tests for logging in and out, by tokens and by cookie, and for a forgotten password."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from control_plane.accounts.models import User
from tests.control_plane.accounts.journeys import (
    EMAIL,
    PASSWORD,
    Tokens,
    call,
    join,
    log_in,
    read_key,
    refresh,
    try_log_in,
)

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "staple of another kind"


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong horse battery"), ("nobody@example.org", PASSWORD)],
    ids=["wrong password", "no such account"],
)
def test_a_wrong_password_and_an_unknown_address_are_refused_alike(
    email: str, password: str
) -> None:
    join()
    answer = try_log_in(email, password)
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "urn:sluice:problem:email_password_mismatch",
        "title": "Bad Request",
        "status": 400,
        "code": "email_password_mismatch",
        "detail": "The email address and/or password you specified are not correct.",
    }


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"], ids=["an account", "no account"])
def test_many_failures_lock_the_address_even_for_the_right_password(email: str) -> None:
    join()
    for _ in range(5):
        assert try_log_in(email, "wrong horse battery").status_code == 400
    answer = try_log_in(email, PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_login_attempts")


def test_a_locked_account_does_not_lock_others() -> None:
    join("bob@example.org")
    for _ in range(6):
        try_log_in(EMAIL, "wrong horse battery")
    assert try_log_in("bob@example.org").status_code == 200


def test_an_account_that_was_shut_does_not_tell_that_the_password_is_right() -> None:
    join()
    User.objects.update(is_active=False)
    right, wrong = try_log_in(), try_log_in(password="wrong horse battery")
    assert right.status_code == 400
    assert (right.status_code, right.json()) == (wrong.status_code, wrong.json())


def test_a_password_change_ends_other_sessions_and_goes_on_with_new_tokens() -> None:
    here, elsewhere = join(), log_in()
    change = {"current_password": PASSWORD, "new_password": "another horse battery"}
    answer = call("POST", "account/password/change", change, **here.headers)
    assert answer.status_code == 200
    meta = answer.json()["meta"]
    fresh = Tokens(meta["access_token"], meta["refresh_token"])
    assert call("GET", "me", **fresh.headers).status_code == 200
    assert refresh(fresh.refresh).status_code == 200
    for old in (here, elsewhere):
        assert call("GET", "me", **old.headers).status_code == 401
        assert refresh(old.refresh).status_code == 400
    assert try_log_in().status_code == 400


def test_shutting_an_account_ends_its_tokens() -> None:
    tokens = join()
    User.objects.update(is_active=False)
    assert call("GET", "me", **tokens.headers).status_code == 401
    assert refresh(tokens.refresh).status_code == 400


def test_logging_out_ends_the_access_token_at_once() -> None:
    tokens = join()
    assert call("DELETE", "auth/session", **tokens.headers).status_code == 401
    assert call("GET", "me", **tokens.headers).status_code == 401
    assert refresh(tokens.refresh).status_code == 400


def test_other_sessions_are_listed_and_ended() -> None:
    here, elsewhere = join(), log_in()
    listed = call("GET", "auth/sessions", **here.headers).json()["data"]
    others = [session["id"] for session in listed if not session["is_current"]]
    assert len(listed) == 2
    answer = call("DELETE", "auth/sessions", {"sessions": others}, **here.headers)
    assert answer.status_code == 200
    assert call("GET", "me", **elsewhere.headers).status_code == 401
    assert call("GET", "me", **here.headers).status_code == 200


def test_a_browser_holds_a_cookie_that_scripts_cannot_read() -> None:
    join()
    client = Client()
    answer = client.post(
        "/api/v1/browser/auth/login",
        {"email": EMAIL, "password": PASSWORD},
        content_type="application/json",
    )
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "access_token" not in answer.json()["meta"]
    assert client.get("/api/v1/me").json()["email"] == EMAIL


@pytest.mark.parametrize("path", ["/api/v1/browser/auth/login", "/api/v1/me"])
def test_a_browser_must_prove_that_a_page_of_ours_asks(path: str) -> None:
    join()
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get())
    method = client.patch if path.endswith("me") else client.post
    answer = method(path, "{}", content_type="application/json")
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_forgotten_password_is_chosen_anew_by_mail() -> None:
    tokens = join()
    assert call("POST", "auth/password/request", {"email": EMAIL}).status_code == 200
    answer = call("POST", "auth/password/reset", {"key": read_key(), "password": NEW_PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert try_log_in().status_code == 400
    assert try_log_in(password=NEW_PASSWORD).status_code == 200
    assert call("GET", "me", **tokens.headers).status_code == 401


def test_asking_for_it_does_not_tell_whether_there_is_an_account() -> None:
    join()
    known = call("POST", "auth/password/request", {"email": EMAIL})
    unknown = call("POST", "auth/password/request", {"email": "nobody@example.org"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert mail.outbox[-1].to == ["nobody@example.org"]


def test_a_made_up_reset_key_is_refused() -> None:
    join()
    answer = call("POST", "auth/password/reset", {"key": "a-b-c", "password": NEW_PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert try_log_in().status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "auth/login", None, 405, "method_not_allowed"),
        ("POST", "auth/login", ["no", "object"], 400, "invalid"),
        ("GET", "auth/session", None, 401, "not_authenticated"),
        ("GET", "auth/sessions", None, 401, "not_authenticated"),
        ("GET", "account/email", None, 401, "not_authenticated"),
        ("GET", "account/phone", None, 404, "not_found"),
        ("GET", "auth/nowhere", None, 404, "not_found"),
    ],
)
def test_every_refusal_is_a_problem(
    method: str, path: str, body: Any, status: int, code: str
) -> None:
    for prefix in ("", "browser/"):
        answer = call(method, prefix + path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_who_is_not_logged_in_is_told_how_to() -> None:
    assert call("GET", "auth/session").headers["WWW-Authenticate"] == "Bearer"


def test_a_session_that_is_gone_is_told_apart() -> None:
    answer = call("GET", "auth/session", **{"X-Session-Token": "gone"})
    assert (answer.status_code, answer.json()["code"]) == (410, "session_gone")
