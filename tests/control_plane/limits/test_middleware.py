"""Tests for control_plane/limits/middleware.py: what callers are told, and by what they count."""

from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr
from pytest_django import Settings

from control_plane.limits.counting import open_counter
from control_plane.rates import Rate
from tests.control_plane.accounts.journeys import join, try_log_in
from tests.control_plane.conftest import MakeUser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_url")]


def limit(settings: Settings, **quotas: int) -> None:
    rates = {f"limit_{name}": Rate(quota, 3600) for name, quota in quotas.items()}
    settings.CONFIG = settings.CONFIG.model_copy(update=rates)


def get(path: str = "info", *, address: str = "192.0.2.1", **headers: str) -> Any:
    return Client(REMOTE_ADDR=address).get(f"/api/v1/{path}", headers=headers)


def test_a_visitor_is_told_what_is_left_and_when_to_come_again(settings: Settings) -> None:
    limit(settings, anonymous=2)
    first, _, refused = [get() for _ in range(3)]
    assert first.status_code == 200
    assert first.headers["RateLimit-Policy"] == '"anonymous";q=2;w=3600'
    assert first.headers["RateLimit"].startswith('"anonymous";r=1;t=')
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 3600 * 2
    assert refused.headers["RateLimit"].startswith('"anonymous";r=0;t=')


def test_addresses_count_for_themselves_and_those_of_one_household_together(
    settings: Settings,
) -> None:
    limit(settings, anonymous=1)
    addresses = ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    statuses = [get(address=address).status_code for address in addresses]
    assert statuses == [200, 200, 200, 429, 200]


def test_behind_a_proxy_the_address_is_the_one_that_it_tells(settings: Settings) -> None:
    limit(settings, anonymous=1)
    forged = {"X-Forwarded-For": "198.51.100.7"}
    assert [get(**forged).status_code, get().status_code] == [200, 429]
    networks = type(settings.CONFIG)(SLUICE_TRUSTED_PROXIES="192.0.2.0/24").trusted_proxies
    settings.CONFIG = settings.CONFIG.model_copy(update={"trusted_proxies": networks})
    assert get(**forged).status_code == 200


def test_who_is_logged_in_has_a_quota_of_their_own_wherever_they_are(
    settings: Settings, make_user: MakeUser
) -> None:
    limit(settings, anonymous=1, authenticated=2)
    client = Client()
    client.force_login(make_user())
    answers = [client.get("/api/v1/me", REMOTE_ADDR=f"192.0.2.{n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"authenticated";q=2;w=3600'


def test_a_token_is_its_user_and_a_made_up_one_nobody(settings: Settings) -> None:
    tokens = join()
    limit(settings, anonymous=1, authenticated=5)
    assert get("me", **tokens.headers).headers["RateLimit"].startswith('"authenticated";r=4')
    made_up = [get("me", Authorization=f"Bearer a.b.{n}").status_code for n in range(2)]
    assert made_up == [401, 429]
    assert get("me", Cookie="sessionid=made-up").status_code == 429


def test_logging_in_is_counted_by_address_apart_from_all_else(settings: Settings) -> None:
    limit(settings, auth=2, anonymous=1)
    assert [try_log_in().status_code for _ in range(3)] == [400, 400, 429]
    assert get().status_code == 200


def test_players_have_a_quota_of_their_own(settings: Settings) -> None:
    limit(settings, anonymous=1, players=2)
    path = "/api/v1/videos/01890000-0000-7000-8000-000000000000/playback"
    assert [Client().post(path).status_code for _ in range(3)] == [404, 404, 429]
    assert Client().get("/api/v1/info").status_code == 200


def test_pages_and_questions_of_browsers_are_not_counted(settings: Settings) -> None:
    limit(settings, anonymous=1)
    for _ in range(3):
        assert "RateLimit" not in Client().get("/").headers
        assert Client().options("/api/v1/info").status_code != 429


@pytest.fixture
def redis_away(settings: Settings) -> None:
    away = SecretStr("unix:///nowhere.sock")
    settings.CONFIG = settings.CONFIG.model_copy(update={"redis_url": away})
    open_counter.cache_clear()


@pytest.mark.usefixtures("redis_away")
def test_while_redis_is_away_calls_are_answered_but_nobody_may_guess_passwords() -> None:
    answer = get()
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers
    refused = try_log_in()
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
