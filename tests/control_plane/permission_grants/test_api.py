"""Permissions are granted, replaced and revoked, and their holders see them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.activity.models import Activity, Kind
from control_plane.permission_grants.models import PermissionGrant
from control_plane.permission_grants.services import grant_permission
from tests.control_plane.at_once import AT_ONCE, all_at_once
from tests.control_plane.conftest import LogIn, MakeUser

pytestmark = pytest.mark.django_db

ALL = "/api/v1/permission-grants"
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def user(make_user: MakeUser) -> User:
    return make_user()


@pytest.fixture
def client(admin: User, log_in: LogIn) -> APIClient:
    return log_in(admin)


def wanted(user: User, **facts: object) -> dict[str, object]:
    return {"user": str(user.pk), "permission": "see_refusals", **facts}


def test_what_is_granted_says_by_whom_since_when_and_until_when(
    client: APIClient, user: User, admin: User, log_in: LogIn
) -> None:
    answer = client.post(ALL, wanted(user, until=LATER.isoformat()))
    assert answer.status_code == 201
    told = answer.json()
    assert (told["email"], told["granted_by"], told["until"]) == (
        user.email,
        str(admin.pk),
        "2100-01-01T00:00:00Z",
    )
    assert client.get(ALL).json()["results"] == [told]
    (mine,) = log_in(user).get("/api/v1/me/permissions").json()["results"]
    assert mine == {
        "permission": "see_refusals",
        "means": "See who was refused what, and why",
        "granted_at": told["granted_at"],
        "until": told["until"],
    }
    kept = Activity.objects.get(user=user)
    assert (kept.kind, kept.by) == (Kind.PERMISSION_GRANTED, admin)
    assert kept.detail == "see_refusals until 2100-01-01 00:00 UTC"


def test_granting_the_same_again_changes_nothing(client: APIClient, user: User) -> None:
    answers = [client.post(ALL, wanted(user)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert PermissionGrant.objects.count() == 1
    assert Activity.objects.filter(user=user).count() == 1


def test_another_end_replaces_the_present_one(client: APIClient, user: User) -> None:
    client.post(ALL, wanted(user))
    assert client.post(ALL, wanted(user, until=LATER.isoformat())).status_code == 201
    replaced, present = PermissionGrant.objects.order_by("id")
    assert replaced.revoked_at is not None
    assert (present.until, present.revoked_at) == (LATER, None)


def test_what_has_expired_is_granted_anew(client: APIClient, user: User) -> None:
    gone = timezone.now() - timedelta(days=1)
    PermissionGrant.objects.create(
        user=user, permission="see_refusals", granted_at=gone, until=gone
    )
    assert client.post(ALL, wanted(user)).status_code == 201


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"permission": "everything"}, "permission"),
        ({"user": "00000000-0000-0000-0000-000000000000"}, "user"),
    ],
)
def test_what_cannot_be_granted_is_refused(
    facts: dict[str, object], field: str, client: APIClient, user: User
) -> None:
    answer = client.post(ALL, {**wanted(user), **facts})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not PermissionGrant.objects.exists()


def test_what_is_revoked_is_kept_with_who_did_it(
    client: APIClient, user: User, admin: User, log_in: LogIn
) -> None:
    grant_id = client.post(ALL, wanted(user)).json()["id"]
    for _ in range(2):
        assert client.delete(f"{ALL}/{grant_id}").status_code == 204
    (kept,) = client.get(ALL, {"live": "false"}).json()["results"]
    assert kept["revoked_by"] == str(admin.pk)
    assert log_in(user).get("/api/v1/me/permissions").json()["results"] == []
    kinds = Activity.objects.filter(user=user).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [Kind.PERMISSION_GRANTED, Kind.PERMISSION_REVOKED]


def test_permissions_are_listed_by_user_by_name_and_by_whether_they_hold(
    client: APIClient, user: User, make_user: MakeUser
) -> None:
    client.post(ALL, wanted(user))
    client.post(ALL, wanted(make_user(), permission="end_sessions"))
    for query in ({"user": str(user.pk)}, {"permission": "see_refusals"}):
        (found,) = client.get(ALL, query).json()["results"]
        assert found["email"] == user.email
    assert len(client.get(ALL, {"live": "true"}).json()["results"]) == 2


@pytest.mark.parametrize("path", [ALL, "/api/v1/me/permissions"])
def test_a_list_takes_one_query_however_long_it_is(
    path: str, client: APIClient, user: User, log_in: LogIn
) -> None:
    asking = client if path == ALL else log_in(user)
    counts = []
    for names in ([Permission.SEE_REFUSALS], [*Permission][:4]):
        for name in names:
            client.post(ALL, wanted(user, permission=name.value))
        with CaptureQueriesContext(connection) as queries:
            asking.get(path)
        counts.append(len(queries))
    assert counts == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_granting_at_once_grants_once(user: User, admin: User) -> None:
    now, request = timezone.now(), RequestFactory().post("/")
    name = Permission.END_SESSIONS
    answers = all_at_once(
        lambda: grant_permission(user, name, until=None, by=admin, now=now, request=request)
    )
    assert [is_new for _, is_new in answers].count(True) == 1
    assert len(answers) == AT_ONCE
    assert PermissionGrant.objects.count() == 1
