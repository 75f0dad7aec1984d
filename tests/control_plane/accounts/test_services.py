"""Tests for control_plane/accounts/services.py, and the admin that calls it: who may watch on."""

from datetime import UTC, datetime

import pytest
from django.db.models import ProtectedError
from django.test import Client

from control_plane.accounts.models import Role, User
from control_plane.accounts.services import change_user, delete_user
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def viewer(make_user: MakeUser) -> User:
    return make_user()


@pytest.fixture
def client(make_user: MakeUser) -> Client:
    client = Client()
    client.force_login(make_user(Role.ADMIN))
    return client


def ended() -> list[tuple[str, str]]:
    return list(Revocation.objects.values_list("scope", "subject"))


INLINES = ("emailaddress_set", "socialaccount_set", "grants", "subscriptions", "permission_grants")


def form_of(user: User, **changes: str) -> dict[str, str]:
    return {
        "email": user.email,
        "display_name": "",
        "role": user.role,
        "is_active": "on",
        **{f"{inline}-{count}_FORMS": "0" for inline in INLINES for count in ("TOTAL", "INITIAL")},
        **changes,
    }


def test_whoever_may_not_log_in_any_more_may_not_watch_on(viewer: User) -> None:
    change_user(viewer, is_active=False, now=NOW)
    assert ended() == [("viewer", str(viewer.pk))]
    assert Revocation.objects.get().issued_before == int(NOW.timestamp()) + 1


def test_other_changes_end_nothing(viewer: User) -> None:
    change_user(viewer, display_name="Ada", role=Role.CREATOR, is_active=True, now=NOW)
    viewer.refresh_from_db()
    assert (viewer.display_name, viewer.role) == ("Ada", "creator")
    assert ended() == []


def test_a_change_leaves_what_was_changed_meanwhile(viewer: User) -> None:
    User.objects.update(display_name="Ada")
    change_user(viewer, role=Role.CREATOR, now=NOW)
    assert User.objects.get().display_name == "Ada"


def test_whoever_is_deleted_may_not_watch_on(viewer: User) -> None:
    subject = str(viewer.pk)
    delete_user(viewer, now=NOW)
    assert ended() == [("viewer", subject)]
    assert not User.objects.exists()


def test_whoever_cannot_be_deleted_watches_on(viewer: User, make_video: MakeVideo) -> None:
    make_video(viewer)
    with pytest.raises(ProtectedError):
        delete_user(viewer, now=NOW)
    assert ended() == []


def test_the_admin_ends_what_a_user_watches(client: Client, viewer: User) -> None:
    path = f"/admin/accounts/user/{viewer.pk}/change/"
    assert client.post(path, form_of(viewer, display_name="Ada")).status_code == 302
    assert ended() == []
    form = form_of(viewer, email="New@Example.org")
    del form["is_active"]
    assert client.post(path, form).status_code == 302
    viewer.refresh_from_db()
    assert (viewer.display_name, viewer.email, viewer.is_active) == ("", "new@example.org", False)
    assert ended() == [("viewer", str(viewer.pk))]


def test_users_deleted_in_the_admin_may_not_watch_on(client: Client, make_user: MakeUser) -> None:
    one, *others = [str(make_user().pk) for _ in range(3)]
    assert client.post(f"/admin/accounts/user/{one}/delete/", {"post": "yes"}).status_code == 302
    action = {"action": "delete_selected", "_selected_action": others, "post": "yes"}
    client.post("/admin/accounts/user/", action)
    assert sorted(ended()) == sorted(("viewer", subject) for subject in [one, *others])
    assert not User.objects.filter(role=Role.VIEWER).exists()


@pytest.mark.parametrize(
    ("action", "role", "is_active"),
    [
        ("suspend", Role.VIEWER, False),
        ("restore", Role.VIEWER, True),
        ("make_creators", Role.CREATOR, True),
    ],
)
def test_an_action_of_the_admin_changes_all_that_are_chosen(
    action: str, role: Role, is_active: bool, client: Client, make_user: MakeUser
) -> None:
    chosen = [make_user() for _ in range(2)]
    User.objects.filter(pk__in=[user.pk for user in chosen]).update(is_active=action != "restore")
    form = {"action": action, "_selected_action": [str(user.pk) for user in chosen]}
    assert client.post("/admin/accounts/user/", form).status_code == 302
    for user in chosen:
        user.refresh_from_db()
        assert (user.role, user.is_active) == (role, is_active)


def test_the_admin_leaves_the_site_an_administrator(client: Client) -> None:
    admin = User.objects.get(role=Role.ADMIN)
    form = form_of(admin)
    del form["is_active"]
    answer = client.post(f"/admin/accounts/user/{admin.pk}/change/", form)
    assert "Nobody would administer the site." in answer.content.decode()
    client.post("/admin/accounts/user/", {"action": "suspend", "_selected_action": [str(admin.pk)]})
    admin.refresh_from_db()
    assert admin.is_staff
