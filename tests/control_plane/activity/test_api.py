"""Everybody sees what happened to their own account."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from control_plane.accounts.models import Role, User
from control_plane.activity.models import Activity, Kind
from control_plane.issuers.models import Issuer
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo
from tests.control_plane.operations.stage import set_stage

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.9"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def keep(user: User, kind: Kind = Kind.LOGGED_IN) -> Activity:
    return Activity.objects.create(user=user, kind=kind, at=NOW, address="203.0.113.7")


def test_the_newest_comes_first_and_nothing_of_others(make_user: MakeUser, log_in: LogIn) -> None:
    mine, other = make_user(), make_user()
    first, second = keep(mine), keep(mine, Kind.LOGGED_OUT)
    keep(other)
    answer = log_in(mine).get("/api/v1/me/activity").json()
    assert [one["id"] for one in answer["results"]] == [str(second.pk), str(first.pk)]
    assert answer["results"][1] == {
        "id": str(first.pk),
        "kind": "logged_in",
        "detail": "",
        "at": "2026-05-04T12:00:00Z",
        "is_own": True,
        "address": "203.0.113.7",
        "is_whole": True,
        "user_agent": "",
    }


def test_an_administrator_sees_that_of_somebody(make_user: MakeUser, log_in: LogIn) -> None:
    user, admin = make_user(), make_user(Role.ADMIN)
    keep(user)
    answer = log_in(admin).get(f"/api/v1/users/{user.pk}/activity").json()
    assert [one["kind"] for one in answer["results"]] == ["logged_in"]
    assert answer["results"][0]["by"] is None
    nobody = log_in(admin).get("/api/v1/users/00000000-0000-0000-0000-000000000000/activity")
    assert nobody.status_code == 404


def test_what_an_administrator_did_is_told_without_saying_who_or_from_where(
    make_user: MakeUser, log_in: LogIn
) -> None:
    user, admin = make_user(), make_user(Role.ADMIN)
    page, headers = f"/api/v1/users/{user.pk}", {"User-Agent": "Mine/1.0"}
    changed = log_in(admin).patch(page, {"role": "creator"}, headers=headers, REMOTE_ADDR=ADDRESS)
    assert changed.status_code == 200
    mine = log_in(user).get("/api/v1/me/activity")
    (told,) = mine.json()["results"]
    assert (told["kind"], told["detail"], told["is_own"]) == ("role_changed", "creator", False)
    for secret in (admin.email, str(admin.pk), ADDRESS, "Mine/1.0"):
        assert secret not in mine.content.decode()
    (kept,) = log_in(admin).get(f"{page}/activity").json()["results"]
    assert (kept["by"], kept["address"], kept["user_agent"]) == (str(admin.pk), ADDRESS, "Mine/1.0")


@pytest.mark.parametrize(("is_active", "kind"), [(False, Kind.SUSPENDED), (True, Kind.RESTORED)])
def test_suspending_and_restoring_are_kept(
    is_active: bool, kind: Kind, make_user: MakeUser, log_in: LogIn
) -> None:
    user, admin = make_user(), make_user(Role.ADMIN)
    log_in(admin).patch(f"/api/v1/users/{user.pk}", {"is_active": is_active})
    assert [one.kind for one in user.activities.all()] == [kind]


def test_it_is_kept_of_an_administrator_whom_they_deleted(
    make_user: MakeUser, log_in: LogIn
) -> None:
    user, admin = make_user(), make_user(Role.ADMIN)
    gone = str(user.pk)
    log_in(admin).delete(f"/api/v1/users/{gone}")
    kept = Activity.objects.get(user=admin)
    assert (kept.kind, kept.detail) == (Kind.ADMINISTERED, f"Deleted user {gone}")


@pytest.mark.parametrize(
    ("operation", "detail"),
    [
        ("PUT videos/{video_id}/take-down", "Took video {video_id} down"),
        ("DELETE videos/{video_id}/take-down", "Lifted the taking down of video {video_id}"),
        ("POST signing-keys/rotate", "Rotated the signing keys"),
        ("POST signing-keys/{kid}/compromised", "Declared signing key {kid} compromised"),
        ("PATCH issuers/{issuer_id}", "Changed site {issuer}"),
        ("DELETE issuers/{issuer_id}", "Removed site {issuer}"),
    ],
)
def test_what_is_done_to_the_site_through_the_api_is_kept(
    operation: str, detail: str, make_user: MakeUser, make_video: MakeVideo
) -> None:
    stage = set_stage(make_user, make_video)
    names = {**stage.names, "issuer": Issuer.objects.get().issuer}
    client, (method, path) = Client(REMOTE_ADDR=ADDRESS), operation.split(" ")
    admin = stage.callers["admin"]
    assert admin is not None
    client.force_login(admin)
    page = f"/api/v1/{path.format_map(names)}"
    client.generic(method, page, "{}", "application/json")
    kept = Activity.objects.get(user=admin, kind=Kind.ADMINISTERED)
    assert (kept.detail, kept.address) == (detail.format_map(names), ADDRESS)


@pytest.mark.parametrize("rows", [1, 20])
def test_queries_do_not_depend_on_the_rows(
    rows: int,
    make_user: MakeUser,
    log_in: LogIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_user()
    for _ in range(rows):
        keep(user)
    with django_assert_num_queries(1):
        log_in(user).get("/api/v1/me/activity")
