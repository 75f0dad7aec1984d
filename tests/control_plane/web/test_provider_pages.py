"""Tests for the pages before and after a log-in by a provider."""

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from control_plane.accounts.models import Role
from control_plane.config import SignUpMode
from control_plane.web.provider_pages import explain_error
from tests.control_plane.accounts.journeys import invite, set_mode
from tests.control_plane.accounts.provider_visits import DESTINATION, REDIRECT, log_in_by
from tests.control_plane.accounts.second_steps import show_code
from tests.control_plane.conftest import MakeUser
from tests.openid_provider import OpenIdServer

pytestmark = pytest.mark.django_db


def read_form(page: str) -> dict[str, str]:
    """The fields of the form that leads to providers."""
    (form,) = re.findall(r"<form[^>]* data-providers>.*?</form>", page, re.DOTALL)
    assert f'action="{REDIRECT}"' in form
    return {
        name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)
    }


@pytest.mark.usefixtures("school")
def test_what_is_offered_can_be_chosen(client: Client) -> None:
    page = client.get("/login", {"next": "/watch/1?a=b&c=d"}).content.decode()
    assert ">Log in with Our school</button>" in page
    assert read_form(page) == {
        "process": "login",
        "callback_url": "/login/return?next=/watch/1%3Fa%3Db%26c%3Dd",
        "provider": "school",
    }
    assert "csrftoken" in client.cookies


@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_where_nothing_is_offered_there_is_no_choice(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert "data-providers" not in page
    assert "providers.js" not in page


@pytest.mark.usefixtures("school")
def test_an_invitation_goes_along(client: Client, make_user: MakeUser, settings: Settings) -> None:
    set_mode(settings, SignUpMode.INVITATION)
    assert "data-providers" not in client.get("/signup").content.decode()
    token = invite(make_user(Role.ADMIN))
    page = client.get("/signup", {"invitation": token}).content.decode()
    assert read_form(page)["invitation"] == token


@pytest.mark.usefixtures("school")
def test_who_comes_back_logged_in_is_sent_where_they_wanted(client: Client) -> None:
    assert client.get(log_in_by(client)).headers["Location"] == "/watch"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example"])
@pytest.mark.usefixtures("school")
def test_but_never_to_another_site(client: Client, wanted: str) -> None:
    log_in_by(client)
    assert client.get("/login/return", {"next": wanted}).headers["Location"] == "/"


@pytest.mark.parametrize("error", ["cancelled", "email_taken", "unknown", "<script>"])
def test_what_went_wrong_is_said(client: Client, error: str) -> None:
    answer = client.get("/login/return", {"error": error, "next": "/watch/1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert explain_error(error) in unescape(page)
    assert '/login?next=/watch/1"' in page
    assert "<script>" not in page


def test_an_address_that_waits_to_be_confirmed_is_said(
    client: Client, school: OpenIdServer
) -> None:
    school.person["email_verified"] = False
    page = client.get(log_in_by(client)).content.decode()
    assert "open the link that we have sent to your address" in page


@pytest.mark.usefixtures("school")
def test_who_waits_to_be_let_in_is_told_so(client: Client, settings: Settings) -> None:
    set_mode(settings, SignUpMode.APPROVAL)
    assert "has yet to let you in" in client.get(log_in_by(client)).content.decode()


def test_an_address_that_nobody_told_is_asked_for(client: Client, school: OpenIdServer) -> None:
    del school.person["email"]
    page = client.get(log_in_by(client)).content.decode()
    assert 'data-account="provider-sign-up" data-destination="/watch"' in page


def test_who_has_not_begun_is_sent_to_the_log_in(client: Client) -> None:
    answer = client.get(DESTINATION)
    assert answer.headers["Location"] == "/login?next=%2Fwatch"


@pytest.mark.usefixtures("school")
def test_a_second_factor_is_asked_for_after_a_provider_too() -> None:
    client = Client()
    log_in_by(client)
    app = "/api/v1/browser/account/authenticators/totp"
    code = show_code(client.get(app).json()["meta"]["secret"])
    assert client.post(app, {"code": code}, "application/json").status_code == 200
    other = Client()
    answer = other.get(log_in_by(other), follow=True)
    assert answer.redirect_chain[-1][0] == "/login?next=%2Fwatch"
    assert 'data-account="second-step" data-destination="/watch">' in answer.content.decode()
    assert other.get("/api/v1/me").status_code == 401


@pytest.mark.usefixtures("school")
def test_the_account_page_shows_what_is_connected_and_what_may_be(
    client: Client, make_user: MakeUser
) -> None:
    log_in_by(client)
    page = client.get("/account").content.decode()
    assert 'data-do="disconnect" data-provider="school" data-account="ada-at-school"' in page
    assert 'data-do="connect"' not in page
    assert 'name="current_password"' not in page
    other = Client()
    other.force_login(make_user())
    page = other.get("/account").content.decode()
    assert ">Connect Our school</button>" in page
    assert 'data-do="disconnect"' not in page
    assert 'name="current_password"' in page


def test_where_nothing_is_offered_it_shows_nothing_of_it(
    client: Client, make_user: MakeUser
) -> None:
    client.force_login(make_user())
    assert "Accounts elsewhere" not in client.get("/account").content.decode()


@pytest.mark.usefixtures("school")
def test_it_says_why_nothing_was_connected(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user())
    page = client.get("/account", {"error": "connected_other"}).content.decode()
    assert explain_error("connected_other") in unescape(page)
