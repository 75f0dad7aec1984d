"""Tests for control_plane/accounts/factors_api.py, and for its like in the admin."""

import smtplib
from collections.abc import Callable
from typing import TypeAlias

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from control_plane.accounts.models import User
from control_plane.activity.models import Activity, Kind
from tests.control_plane.accounts.journeys import EMAIL, join, try_log_in
from tests.control_plane.accounts.second_steps import add_passkey, set_up_app
from tests.control_plane.accounts.software_key import SoftwareKey
from tests.control_plane.conftest import LogIn

pytestmark = pytest.mark.django_db

Remove: TypeAlias = Callable[[User], int]


@pytest.fixture
def ada(admin: User) -> User:  # noqa: ARG001  (is there first)
    """Somebody with an app, a passkey and recovery codes."""
    tokens = join()
    set_up_app(tokens)
    add_passkey(tokens, SoftwareKey(), name="Phone")
    return User.objects.get(email=EMAIL)


@pytest.fixture(params=["api", "admin"])
def remove(request: pytest.FixtureRequest, admin: User, log_in: LogIn) -> Remove:
    """Removes all of somebody's factors as the administrator, by API or page; the status."""

    def by_api(user: User) -> int:
        client = log_in(admin)
        client.raise_request_exception = False
        return client.delete(f"/api/v1/users/{user.pk}/second-factors").status_code

    def by_page(user: User) -> int:
        client = Client()
        client.force_login(admin)
        page = f"/admin/accounts/user/{user.pk}"
        listed = "authenticator app, recovery codes, passkey Phone"
        assert listed in client.get(f"{page}/change/").content.decode()
        asked = f"{page}/remove_second_factors/"
        assert client.get(asked).status_code == 200
        assert Authenticator.objects.filter(user=user).count() == 3
        return client.post(asked, {"_form_submitted": "True"}).status_code

    return {"api": by_api, "admin": by_page}[request.param]


def test_an_administrator_lets_the_password_be_enough_again(
    remove: Remove, ada: User, admin: User
) -> None:
    assert remove(ada) in (200, 204)
    assert not Authenticator.objects.exists()
    assert try_log_in().status_code == 200
    kept = Activity.objects.get(kind=Kind.SECOND_FACTOR_REMOVED)
    assert (kept.user, kept.by) == (ada, admin)
    assert kept.detail == "authenticator app, recovery codes, passkey Phone"
    assert mail.outbox[-1].to == [EMAIL]
    assert mail.outbox[-1].subject == "Your second factors were removed"


def test_nothing_is_removed_of_which_the_holder_cannot_be_told(
    remove: Remove, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_message: object) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", fail)
    assert remove(ada) in (200, 503)
    assert Authenticator.objects.count() == 3
    assert not Activity.objects.filter(kind=Kind.SECOND_FACTOR_REMOVED).exists()


def test_who_has_none_is_told_nothing(admin: User, log_in: LogIn) -> None:
    answer = log_in(admin).delete(f"/api/v1/users/{admin.pk}/second-factors")
    assert (answer.status_code, mail.outbox) == (204, [])


def test_administrators_see_which_there_are_and_no_secret(
    ada: User,
    admin: User,
    log_in: LogIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        listed = log_in(admin).get(f"/api/v1/users/{ada.pk}/second-factors").json()
    assert [(one["type"], one["name"]) for one in listed] == [
        ("totp", ""),
        ("recovery_codes", ""),
        ("webauthn", "Phone"),
    ]
    assert listed[0].keys() == {"id", "type", "name", "created_at", "last_used_at"}


def test_the_admin_has_no_page_of_what_is_kept_of_secrets(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    assert client.get("/admin/mfa/authenticator/").status_code == 404


def test_a_copy_of_my_data_says_which_there_are(ada: User, log_in: LogIn) -> None:
    body = {"password": "correct horse battery"}
    copy = log_in(ada).post("/api/v1/me/export", body, format="json").json()["second_factors"]
    assert [row["type"] for row in copy] == ["totp", "recovery_codes", "webauthn"]
    assert all("data" not in row for row in copy)


def test_they_go_with_the_account(ada: User, log_in: LogIn) -> None:
    body = {"password": "correct horse battery"}
    assert log_in(ada).post("/api/v1/me/deletion", body, format="json").status_code == 204
    assert not Authenticator.objects.exists()
