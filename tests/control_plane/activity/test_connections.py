"""Tests that log-ins by providers, and connections to them, are kept as what happened."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from control_plane.accounts.models import User
from control_plane.activity.models import Activity
from tests.control_plane.accounts.journeys import PASSWORD
from tests.control_plane.accounts.provider_visits import log_in_by
from tests.control_plane.accounts.test_connections import ADA, prove
from tests.control_plane.conftest import MakeUser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("school")]


def list_kinds(user: User) -> list[tuple[str, str]]:
    rows = Activity.objects.filter(user=user).order_by("pk")
    return [(row.kind, row.detail) for row in rows]


def test_it_is_kept_by_which_provider_somebody_came(client: Client) -> None:
    log_in_by(client)
    assert list_kinds(User.objects.get()) == [("signed_up", "school"), ("logged_in", "school")]
    row = Activity.objects.first()
    assert row is not None
    assert row.address == "127.0.0.1"


def test_connecting_and_disconnecting_are_kept(client: Client, make_user: MakeUser) -> None:
    user = make_user()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)
    prove(client)
    log_in_by(client, process="connect")
    body = json.dumps(ADA)
    client.delete("/api/v1/browser/account/providers", body, "application/json")
    kept = [kind for kind in list_kinds(user) if kind[1]]
    assert kept == [("connected", "school"), ("disconnected", "school")]


def test_a_first_password_is_kept(client: Client) -> None:
    log_in_by(client)
    choice = {"new_password": PASSWORD}
    page = "/api/v1/browser/account/password/change"
    assert client.post(page, choice, "application/json").status_code == 200
    assert list_kinds(User.objects.get())[-1] == ("password_set", "")


def test_a_copy_of_my_data_tells_where_else_i_log_in(client: Client) -> None:
    log_in_by(client)
    held = client.post("/api/v1/me/export", "{}", "application/json").json()
    (elsewhere,) = held["accounts_elsewhere"]
    assert (elsewhere["provider"], elsewhere["uid"]) == ("school", "ada-at-school")
