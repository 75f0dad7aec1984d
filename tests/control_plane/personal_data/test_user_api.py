"""Administrators manage everybody's accounts."""

from http import HTTPStatus

import pytest
from pytest_django import DjangoAssertNumQueries

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users"


@pytest.mark.parametrize("count", [1, 12])
def test_a_list_of_users_takes_one_query(
    count: int,
    make_user: MakeUser,
    log_in: LogIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = log_in(make_user(Role.ADMIN))
    for _ in range(count):
        make_user()
    with django_assert_num_queries(1):
        answer = client.get(USERS)
    assert len(answer.json()["results"]) == count + 1


@pytest.mark.parametrize(
    "query", ["search=LOVELACE", "search=ada@", "role=creator", "is_active=false"]
)
def test_users_are_found_by(query: str, make_user: MakeUser, log_in: LogIn) -> None:
    admin, _, ada = make_user(Role.ADMIN), make_user(), make_user(Role.CREATOR)
    User.objects.filter(pk=ada.pk).update(
        email="ada@example.org", last_name="Lovelace", is_active=False
    )
    answer = log_in(admin).get(f"{USERS}?{query}")
    assert [one["id"] for one in answer.json()["results"]] == [str(ada.pk)]


def test_who_is_suspended_is_logged_out_and_watches_nothing_until_restored(
    make_user: MakeUser, log_in: LogIn
) -> None:
    viewer, admin = make_user(), log_in(make_user(Role.ADMIN))
    address = f"{USERS}/{viewer.pk}"
    assert admin.patch(address, {"is_active": False}).json()["is_active"] is False
    viewer.refresh_from_db()
    assert not viewer.is_active
    assert Revocation.objects.filter(scope="viewer", subject=str(viewer.pk)).exists()
    assert admin.patch(address, {"is_active": True}).json()["is_active"] is True


@pytest.mark.parametrize("change", [{"email": "x@example.org"}, {"first_name": "X"}])
def test_a_profile_is_not_an_administrators_to_change(
    change: dict[str, str], make_user: MakeUser, log_in: LogIn
) -> None:
    viewer = make_user()
    answer = log_in(make_user(Role.ADMIN)).patch(f"{USERS}/{viewer.pk}", change)
    assert answer.json()["email"] == viewer.email
    assert answer.json()["first_name"] == ""


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "viewer"}])
def test_the_last_administrator_can_neither_be_suspended_nor_be_less(
    change: dict[str, object], make_user: MakeUser, log_in: LogIn
) -> None:
    admin = make_user(Role.ADMIN)
    answer = log_in(admin).patch(f"{USERS}/{admin.pk}", change)
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.CONFLICT, "last_admin")
    admin.refresh_from_db()
    assert admin.is_staff


def test_an_account_is_deleted_with_its_films(
    make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    creator = make_user(Role.CREATOR)
    make_video(creator)
    answer = log_in(make_user(Role.ADMIN)).delete(f"{USERS}/{creator.pk}")
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert not Video.objects.exists()
    assert not User.objects.filter(pk=creator.pk).exists()
