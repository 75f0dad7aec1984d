"""Tests for control_plane/web/security_page.py, and for the second step of the log-in page."""

from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from control_plane.accounts.models import User
from tests.control_plane.accounts.journeys import EMAIL, PASSWORD, join
from tests.control_plane.accounts.second_steps import add_passkey, set_up_app
from tests.control_plane.accounts.software_key import SoftwareKey

pytestmark = pytest.mark.django_db

SECOND_STEP = 'data-account="second-step" data-destination="/account" hidden>'


@pytest.fixture
def client() -> Client:
    return Client()


def log_in(client: Client) -> None:
    """As far as the password goes."""
    body = {"email": EMAIL, "password": PASSWORD}
    client.post("/api/v1/browser/auth/login", body, "application/json")


def look(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_a_visitor_logs_in_first(client: Client) -> None:
    answer = client.get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/account")


def test_who_has_only_a_password_is_offered_more(client: Client) -> None:
    join()
    client.force_login(User.objects.get())
    page = look(client, "/account")
    assert 'data-do="add-app"' in page
    assert 'data-do="add-passkey"' in page
    assert 'data-do="renew-codes"' not in page


@pytest.mark.parametrize("passkeys", [1, 3])
def test_what_there_is_is_shown_by_as_many_queries_for_many(
    passkeys: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tokens = join()
    set_up_app(tokens)
    for number in range(passkeys):
        add_passkey(tokens, SoftwareKey(), name=f"<Key> {number}")
    client.force_login(User.objects.get())
    with django_assert_num_queries(5):  # session, user, permissions, factors, request
        page = look(client, "/account")
    assert page.count("&lt;Key&gt; 0") == 4
    assert page.count('data-do="remove-passkey"') == passkeys
    assert 'data-do="remove-app"' in page
    assert "10 left." in page


def test_after_the_password_the_log_in_page_asks_on(client: Client) -> None:
    set_up_app(join())
    assert SECOND_STEP in look(client, "/login?next=/account")
    log_in(client)
    page = look(client, "/login?next=/account")
    assert SECOND_STEP not in page
    assert "webauthn/authenticate" not in page
    assert SECOND_STEP in look(client, "/login?anew&next=/account")


def test_a_passkey_is_asked_for_where_there_is_one(client: Client) -> None:
    add_passkey(join(), SoftwareKey())
    log_in(client)
    assert "webauthn/authenticate" in look(client, "/login")
