"""A key opens what its scopes name, as long as it lives, and nothing of accounts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from control_plane.accounts.models import Role, User
from control_plane.api_keys.models import ApiKey
from control_plane.api_keys.scopes import Scope, find_scope
from control_plane.api_keys.services import create_key, find_key, record_use, revoke_key
from control_plane.rates import Rate
from tests.control_plane.conftest import LogIn, MakeUser

pytestmark = pytest.mark.django_db


def call(text: str, path: str = "videos", method: str = "GET", **body: Any) -> Any:
    return Client().generic(
        method,
        f"/api/v1/{path}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
        **body,
    )


def make_key(user: User, *scopes: str, **facts: Any) -> tuple[ApiKey, str]:
    return create_key(user, name="A machine", scopes=list(scopes), **facts)


def test_a_key_is_shown_once_and_only_its_digest_is_kept(
    make_user: MakeUser, log_in: LogIn
) -> None:
    client = log_in(make_user())
    made = client.post("/api/v1/me/api-keys", {"name": "Backup", "scopes": ["catalogue:read"]})
    text = made.json()["key"]
    assert made.status_code == 201
    (listed,) = client.get("/api/v1/me/api-keys").json()["results"]
    assert "key" not in listed
    assert (listed["name"], listed["scopes"]) == ("Backup", ["catalogue:read"])
    assert text.rsplit("_", 1)[1] not in str(ApiKey.objects.values().get())
    assert call(text).status_code == 200


def test_an_unknown_scope_is_refused(make_user: MakeUser, log_in: LogIn) -> None:
    asked = {"name": "Backup", "scopes": ["accounts:write"]}
    answer = log_in(make_user()).post("/api/v1/me/api-keys", asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_key_without_scopes_may_do_nothing(make_user: MakeUser) -> None:
    answer = call(make_key(make_user())[1])
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_reading_is_no_leave_to_write_nor_another_family(make_user: MakeUser) -> None:
    _, text = make_key(make_user(Role.CREATOR), Scope.CATALOGUE_READ)
    asked = [("videos", "GET"), ("videos", "POST"), ("jobs", "GET")]
    assert [call(text, *one).status_code for one in asked] == [200, 403, 403]


def test_scopes_give_nothing_that_the_user_may_not(make_user: MakeUser) -> None:
    _, text = make_key(make_user(), Scope.CATALOGUE_WRITE)
    assert call(text, "categories", "POST").status_code == 403


@pytest.mark.parametrize(
    "operation",
    [
        "GET me",
        "GET me/api-keys",
        "POST me/api-keys",
        "POST me/deletion",
        "GET me/activity",
        "GET sessions",
        "GET signing-keys",
        "GET refusals",
    ],
)
def test_no_key_opens_accounts_and_the_site(operation: str, make_user: MakeUser) -> None:
    method, path = operation.split(" ")
    _, text = make_key(make_user(Role.ADMIN), *Scope.values)
    assert call(text, path, method).status_code == 403


def test_a_key_is_no_session_of_an_account(make_user: MakeUser) -> None:
    _, text = make_key(make_user(), *Scope.values)
    assert call(text, "auth/session").status_code == 401


def test_what_is_over_or_made_up_opens_nothing(make_user: MakeUser) -> None:
    user, now = make_user(), timezone.now()
    _, old = make_key(user, Scope.CATALOGUE_READ, expires_at=now)
    key, revoked = make_key(user, Scope.CATALOGUE_READ)
    revoke_key(key, now=now)
    _, good = make_key(user, Scope.CATALOGUE_READ)
    forged = good[:-1] + ("0" if good[-1] != "0" else "1")
    statuses = [call(text).status_code for text in (old, revoked, forged, "sluice_live_x", good)]
    assert statuses == [401, 401, 401, 401, 200]
    User.objects.update(is_active=False)
    assert call(good).status_code == 401


def test_the_last_use_is_written_once_a_minute(
    make_user: MakeUser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, text = make_key(make_user())
    now = timezone.now()
    for at, queries in (
        (now, 1),
        (now + timedelta(seconds=59), 0),
        (now + timedelta(seconds=60), 1),
    ):
        key = find_key(text, now=now)
        assert key is not None
        with django_assert_num_queries(queries):
            record_use(key, now=at)
    assert ApiKey.objects.get().last_used_at == now + timedelta(seconds=60)


def test_a_key_is_looked_up_once_for_each_call(make_user: MakeUser) -> None:
    _, text = make_key(make_user(), Scope.CATALOGUE_READ)
    with CaptureQueriesContext(connection) as captured:
        assert call(text).status_code == 200
    of_keys = [query["sql"] for query in captured if ApiKey._meta.db_table in query["sql"]]
    assert [text.split(" ")[0] for text in of_keys] == ["SELECT", "UPDATE"]


def test_the_list_takes_one_query_for_any_number(
    make_user: MakeUser, log_in: LogIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = make_user()
    for number in (1, 5):
        while ApiKey.objects.count() < number:
            make_key(user)
        with django_assert_num_queries(1):
            listed = log_in(user).get("/api/v1/me/api-keys").json()["results"]
        assert len(listed) == number


@pytest.mark.usefixtures("redis_url")
def test_calls_by_key_count_as_the_users_own(make_user: MakeUser, settings: Settings) -> None:
    quotas = {"limit_anonymous": Rate(1, 3600), "limit_authenticated": Rate(3, 3600)}
    settings.CONFIG = settings.CONFIG.model_copy(update=quotas)
    user = make_user()
    texts = [make_key(user, Scope.CATALOGUE_READ)[1] for _ in range(2)]
    answers = [call(text) for text in (*texts, *texts)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"].startswith('"authenticated"')


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "videos", "catalogue:read"),
        ("PATCH", "videos/1", "catalogue:write"),
        ("POST", "videos/1/playback", "playback:write"),
        ("POST", "videos/1/source", "uploads:write"),
        ("HEAD", "uploads/1", "uploads:write"),
        ("GET", "videos/1/plan", "transcodes:read"),
        ("DELETE", "grants/1", "entitlements:write"),
        ("POST", "videos/1/take-down", None),
        ("POST", "users/1/log-out", None),
        ("GET", "videos-of-nobody", None),
    ],
)
def test_each_address_has_a_scope_or_none(method: str, path: str, scope: str | None) -> None:
    assert find_scope(method, f"/api/v1/{path}") == scope
