"""Tests for the account pages: what they show, where they lead, what they keep to themselves."""

from html import escape
from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import Settings

from control_plane.accounts.models import Role
from control_plane.config import SignUpMode
from tests.control_plane.accounts.journeys import invite
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db

KEY = "MQ:1vCmQ2:kS-mX_9"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/login", "log-in"),
        ("/signup", "sign-up"),
        (f"/verify/{KEY}", "verify"),
        ("/reset", "forgot-password"),
        (f"/reset/{KEY}", "new-password"),
    ],
)
def test_each_page_holds_its_form(client: Client, path: str, form: str) -> None:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    assert f'data-account="{form}"' in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("folder", ["verify", "reset"])
def test_a_key_that_a_mail_program_quoted_is_unquoted(client: Client, folder: str) -> None:
    quoted = KEY.replace(":", "%253A")
    assert f'name="key" value="{KEY}"' in client.get(f"/{folder}/{quoted}").content.decode()


def test_a_key_is_data_and_not_markup(client: Client) -> None:
    page = client.get('/verify/"><script>alert(1)<').content.decode()
    assert "<script>alert" not in page
    assert escape('"><script>alert(1)<') in page


def test_looking_at_a_link_confirms_nothing(client: Client) -> None:
    assert client.post(f"/verify/{KEY}").status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("wanted", ["/watch/1", "/admin/?page=2", "/admin/upload"])
def test_logging_in_leads_to_where_one_was(client: Client, wanted: str) -> None:
    page = client.get("/login", {"next": wanted}).content.decode()
    assert f'data-destination="{wanted}"' in page


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        r"\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
    ],
)
def test_but_never_to_another_site(client: Client, wanted: str) -> None:
    page = client.get("/login", {"next": wanted}).content.decode()
    assert 'data-destination="/"' in page


def test_who_is_logged_in_is_sent_on(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user())
    assert client.get("/login", {"next": "/watch/1"}).headers["Location"] == "/watch/1"
    assert client.get("/signup").headers["Location"] == "/"


@pytest.mark.parametrize("wanted", ["%2f%2fevil.example", "web:log-in", "nothing"])
def test_where_one_was_is_never_read_as_the_name_of_a_page(
    client: Client, make_user: MakeUser, wanted: str
) -> None:
    client.force_login(make_user())
    answer = client.get("/login", {"next": wanted})
    assert (answer.status_code, answer.headers["Location"]) in [
        (HTTPStatus.FOUND, wanted),
        (HTTPStatus.FOUND, "/"),
    ]


@pytest.mark.parametrize("mode", [SignUpMode.INVITATION, SignUpMode.CLOSED])
def test_a_site_that_takes_no_newcomers_does_not_invite_them(
    mode: SignUpMode, client: Client, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"sign_up": mode})
    assert "/signup" not in client.get("/login").content.decode()


@pytest.mark.parametrize(
    ("mode", "text", "has_form"),
    [
        (SignUpMode.OPEN, "a link to confirm", True),
        (SignUpMode.APPROVAL, "administrator lets you in", True),
        (SignUpMode.INVITATION, "takes an invitation", False),
        (SignUpMode.CLOSED, "Nobody may sign up", False),
    ],
)
def test_the_page_to_sign_up_says_who_may(
    mode: SignUpMode, text: str, has_form: bool, client: Client, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"sign_up": mode})
    page = client.get("/signup").content.decode()
    assert text in page
    assert ("data-account" in page) is has_form


@pytest.mark.parametrize("mode", list(SignUpMode))
def test_who_confirms_an_address_is_told_of_waiting_where_people_do(
    mode: SignUpMode, client: Client, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"sign_up": mode})
    page = client.get(f"/verify/{KEY}").content.decode()
    assert ("has yet to let you in" in page) is (mode is SignUpMode.APPROVAL)


@pytest.mark.parametrize("mode", [SignUpMode.OPEN, SignUpMode.INVITATION, SignUpMode.APPROVAL])
def test_with_an_invitation_the_form_holds_it_and_its_address(
    mode: SignUpMode, client: Client, settings: Settings, make_user: MakeUser
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"sign_up": mode})
    token = invite(make_user(Role.ADMIN), "ada@example.org")
    page = client.get("/signup", {"invitation": token}).content.decode()
    assert f'name="invitation" value="{token}"' in page
    assert 'value="ada@example.org" readonly' in page


@pytest.mark.parametrize(
    ("mode", "has_form"),
    [(SignUpMode.OPEN, True), (SignUpMode.INVITATION, False), (SignUpMode.CLOSED, False)],
)
def test_an_invitation_that_is_no_good_is_said_to_be_so(
    mode: SignUpMode, has_form: bool, client: Client, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"sign_up": mode})
    page = client.get("/signup", {"invitation": "made-up"}).content.decode()
    assert ("used or revoked" in page) is (mode is not SignUpMode.CLOSED)
    assert ("data-account" in page) is has_form
    assert 'name="invitation"' not in page


def test_the_admin_sends_visitors_to_the_one_log_in(client: Client) -> None:
    answer = client.get("/admin/upload", follow=True)
    assert answer.redirect_chain[-1] == ("/login?next=%2Fadmin%2Fupload", HTTPStatus.FOUND)
    assert 'data-destination="/admin/upload"' in answer.content.decode()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CREATOR])
def test_and_refuses_who_is_no_administrator(
    client: Client, make_user: MakeUser, role: Role
) -> None:
    client.force_login(make_user(role))
    assert client.get("/admin/upload", follow=True).status_code == HTTPStatus.FORBIDDEN
