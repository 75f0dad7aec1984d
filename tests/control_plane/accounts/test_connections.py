"""Tests for accounts elsewhere that belong to an account here."""

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from control_plane.accounts.models import User
from control_plane.accounts.providers.metadata import place_metadata
from control_plane.accounts.recent_log_ins import RECENT_S
from tests.control_plane.accounts.journeys import PASSWORD
from tests.control_plane.accounts.provider_visits import DESTINATION, leave, log_in_by, read_error
from tests.control_plane.accounts.test_recent_log_ins import age_log_ins
from tests.control_plane.conftest import MakeUser
from tests.openid_provider import OpenIdServer

pytestmark = pytest.mark.django_db

CONNECTIONS = "/api/v1/browser/account/providers"
ADA = {"provider": "school", "account": "ada-at-school"}


@pytest.fixture
def user(make_user: MakeUser) -> User:
    user = make_user(email="grace@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, method: str, path: str, body: dict[str, Any]) -> Any:
    content = json.dumps(body)
    return client.generic(method, f"/api/v1/browser/{path}", content, "application/json")


def prove(client: Client) -> None:
    """Enter the password again."""
    assert send(client, "POST", "auth/reauthenticate", {"password": PASSWORD}).status_code == 200


@pytest.mark.usefixtures("school")
def test_an_account_elsewhere_is_connected_and_logged_in_by(client: Client, user: User) -> None:
    prove(client)
    assert log_in_by(client, process="connect") == DESTINATION
    assert SocialAccount.objects.get().user == user
    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([user.email], "Third-Party Account Connected")
    ]
    (told,) = client.get(CONNECTIONS).json()["data"]
    assert (told["uid"], told["display"], told["provider"]["name"]) == (
        *("ada-at-school", "ada@example.org", "Our school"),
    )
    later = Client()
    log_in_by(later)
    assert later.get("/api/v1/me").json()["id"] == str(user.pk)


@pytest.mark.usefixtures("school")
def test_the_password_is_asked_for_first(client: Client) -> None:
    assert read_error(log_in_by(client, process="connect")) == "reauthentication_required"
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("school")
def test_a_script_is_told_so_before_it_leaves(client: Client) -> None:
    answer = leave(client, process="connect", accept="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    assert [flow["id"] for flow in answer.json()["data"]["flows"]] == ["reauthenticate"]
    prove(client)
    assert leave(client, process="connect", accept="application/json").status_code == 200


def test_who_has_no_password_logs_in_again_first(school: OpenIdServer) -> None:
    """Or whoever has got hold of the session could connect an account of their own, and stay."""
    client = Client()
    log_in_by(client)
    age_log_ins(RECENT_S + 1)
    school.person |= {"sub": "eve", "email": "eve@example.org"}
    answer = leave(client, process="connect", accept="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    assert read_error(log_in_by(client, process="connect")) == "reauthentication_required"
    answer = send(client, "DELETE", "account/providers", ADA)
    assert answer.status_code == 400  # the last way to log in, whoever asks
    SocialAccount.objects.create(user=User.objects.get(), provider="school", uid="another")
    assert send(client, "DELETE", "account/providers", ADA).status_code == 401
    school.person |= {"sub": "ada-at-school"}
    log_in_by(client)
    assert send(client, "DELETE", "account/providers", ADA).status_code == 200


@pytest.mark.usefixtures("school")
def test_a_visitor_connects_nothing() -> None:
    assert read_error(log_in_by(Client(), process="connect")) == "permission_denied"
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("school")
def test_an_account_elsewhere_belongs_to_one_account_here(client: Client) -> None:
    log_in_by(Client())
    prove(client)
    assert read_error(log_in_by(client, process="connect")) == "connected_other"
    assert SocialAccount.objects.get().user.email == "ada@example.org"


@pytest.mark.usefixtures("school")
def test_it_is_disconnected_after_the_password(client: Client, user: User) -> None:
    prove(client)
    log_in_by(client, process="connect")
    fresh = Client()
    fresh.force_login(user)
    answer = send(fresh, "DELETE", "account/providers", ADA)
    assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    prove(fresh)
    assert send(fresh, "DELETE", "account/providers", ADA).json()["data"] == []
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("school")
def test_the_last_way_to_log_in_stays() -> None:
    client = Client()
    log_in_by(client)
    answer = send(client, "DELETE", "account/providers", ADA)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "no_password")
    assert SocialAccount.objects.exists()


def test_a_provider_that_is_offered_no_more_is_no_way_to_log_in(
    school: OpenIdServer, settings: Settings
) -> None:
    client = Client()
    log_in_by(client)
    SocialAccount.objects.create(user=User.objects.get(), provider="gone", uid="ada")
    assert [one["uid"] for one in client.get(CONNECTIONS).json()["data"]] == ["ada-at-school"]
    answer = send(client, "DELETE", "account/providers", ADA)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "no_password")
    settings.CONFIG = settings.CONFIG.model_copy(update={"oidc": ()})
    assert client.get(CONNECTIONS).json()["data"] == []
    assert school.asked


def test_nobody_disconnects_what_is_anothers(client: Client, school: OpenIdServer) -> None:
    log_in_by(Client())
    prove(client)
    answer = send(client, "DELETE", "account/providers", ADA)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "account_not_found")
    assert school.asked


@pytest.mark.usefixtures("school")
def test_the_list_costs_the_same_for_any_number(client: Client, user: User) -> None:
    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(CONNECTIONS).status_code == 200
        return len(queries)

    SocialAccount.objects.create(user=user, provider="school", uid="0")
    first = count_queries()
    for number in range(1, 5):
        SocialAccount.objects.create(user=user, provider="school", uid=str(number))
    assert count_queries() == first


def test_what_is_offered_is_told_to_everybody(
    client: Client, school: OpenIdServer, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"google_client_id": "at-google"})
    offered = client.get("/api/v1/browser/config").json()["data"]["socialaccount"]["providers"]
    assert {one["id"]: one["client_id"] for one in offered} == {
        "google": "at-google",
        "school": "sluice",
    }
    assert offered[-1]["openid_configuration_url"] == place_metadata(school.url)
    assert school.asked == []
