"""Tests for control_plane/accounts/tokens.py: a refresh token is good once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from pytest_django import Settings

from control_plane.accounts import tokens
from control_plane.rates import Rate
from tests.control_plane.accounts.journeys import Tokens, call, join, log_in, refresh

ROUNDS = 10
CLIENTS = 6


def is_welcome(held: Tokens) -> bool:
    status = call("GET", "me", **held.headers).status_code
    return bool(status == 200)


def renew(held: Tokens) -> Tokens:
    data = refresh(held.refresh).json()["data"]
    return Tokens(data["access_token"], data["refresh_token"])


@pytest.mark.django_db
def test_a_refresh_gives_two_new_tokens() -> None:
    first = join()
    second = renew(first)
    assert second.refresh != first.refresh
    assert is_welcome(second)


@pytest.mark.django_db
def test_a_second_use_within_the_grace_is_refused_and_harms_nobody() -> None:
    first = join()
    second = renew(first)
    assert refresh(first.refresh).status_code == 400
    assert is_welcome(second)
    assert is_welcome(renew(second))


@pytest.mark.django_db
def test_a_second_use_after_the_grace_ends_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    first = join()
    second = renew(first)
    monkeypatch.setattr(tokens, "GRACE_S", -1)
    answer = refresh(first.refresh)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert refresh(second.refresh).status_code == 400
    assert not is_welcome(second)


@pytest.mark.django_db
def test_it_ends_no_other_session(monkeypatch: pytest.MonkeyPatch) -> None:
    first, elsewhere = join(), log_in()
    renew(first)
    monkeypatch.setattr(tokens, "GRACE_S", -1)
    refresh(first.refresh)
    assert is_welcome(elsewhere)


@pytest.mark.django_db
def test_used_tokens_are_remembered_no_longer_than_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = join()
    monkeypatch.setattr(tokens, "GRACE_S", -1)
    for _ in range(3):
        held = renew(held)
    contents = [session.get_decoded() for session in Session.objects.all()]
    (used,) = [kept["used_refresh_tokens"] for kept in contents if "used_refresh_tokens" in kept]
    assert len(used) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["access token", "made up", "empty"])
def test_what_is_no_refresh_token_is_refused(kind: str) -> None:
    held = join()
    text = {"access token": held.access, "made up": "a.b.c", "empty": ""}[kind]
    assert refresh(text).status_code == 400
    assert is_welcome(held)


@pytest.mark.django_db
def test_a_refresh_token_opens_nothing() -> None:
    held = join()
    assert not is_welcome(Tokens(held.refresh, ""))


@pytest.mark.django_db(transaction=True)
def test_of_many_uses_at_once_exactly_one_succeeds(settings: Settings) -> None:
    rate = Rate(quota=CLIENTS * ROUNDS + 10, window_s=60)
    settings.CONFIG = settings.CONFIG.model_copy(update={"limit_auth": rate})
    held = join()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(ROUNDS):
            start = Barrier(CLIENTS)
            answers = list(pool.map(refresh_together, [held.refresh] * CLIENTS, [start] * CLIENTS))
            (fresh,) = [answer for answer in answers if answer is not None]
            held = fresh
            assert is_welcome(held)


def refresh_together(token: str, start: Barrier) -> Tokens | None:
    start.wait()
    try:
        answer = refresh(token)
    finally:
        connection.close()
    data = answer.json().get("data", {})
    return Tokens(data["access_token"], data["refresh_token"]) if data else None
