"""Tests for signing up, and for confirming an address."""

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from control_plane.accounts.models import Role, User
from control_plane.accounts.services import ensure_admin
from tests.control_plane.accounts.journeys import (
    EMAIL,
    PASSWORD,
    call,
    join,
    read_key,
    sign_up,
    try_log_in,
    verify_email,
)

pytestmark = pytest.mark.django_db


def test_a_newcomer_is_a_viewer_whose_address_is_not_confirmed_yet() -> None:
    answer = sign_up()
    assert (answer.status_code, answer.json()["code"]) == (401, "verify_email_pending")
    user = User.objects.get()
    assert (user.email, user.role) == (EMAIL, Role.VIEWER)
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_without_a_confirmed_address_there_is_no_logging_in() -> None:
    sign_up()
    answer = try_log_in()
    assert (answer.status_code, answer.json()["code"]) == (401, "verify_email_pending")
    assert "access_token" not in answer.json()["meta"]


def test_with_a_confirmed_address_there_is() -> None:
    tokens = join()
    assert call("GET", "me", **tokens.headers).json()["email"] == EMAIL


@pytest.mark.parametrize("chosen", ["admin", "creator"])
def test_nobody_chooses_a_role(chosen: str) -> None:
    sign_up(role=chosen, is_staff=True, is_superuser=True)
    verify_email()
    assert User.objects.get().role == Role.VIEWER


def test_a_newcomer_may_give_a_name() -> None:
    sign_up(display_name="Ada L.")
    assert User.objects.get().display_name == "Ada L."


def test_addresses_are_told_apart_without_regard_to_case() -> None:
    join()
    sign_up(EMAIL.upper())
    assert User.objects.count() == 1
    assert try_log_in(EMAIL.upper()).status_code == 200


def test_signing_up_does_not_tell_that_an_address_has_an_account() -> None:
    first = sign_up()
    verify_email()
    again = sign_up()
    assert (again.status_code, again.json()["code"]) == (first.status_code, first.json()["code"])
    assert again.json()["data"] == first.json()["data"]
    assert User.objects.count() == 1


def test_the_holder_of_that_address_hears_of_it_by_mail() -> None:
    ensure_admin(email=EMAIL, password=PASSWORD)
    sign_up()
    assert mail.outbox[-1].to == [EMAIL]
    assert "http://testserver/reset" in str(mail.outbox[-1].body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody", "password": "correct horse battery"}, "email"),
        ({"password": "correct horse battery"}, "email"),
        ({"email": EMAIL}, "password"),
        ({"email": EMAIL, "password": "short"}, "password"),
        ({"email": EMAIL, "password": "password123"}, "password"),
        ({"email": EMAIL, "password": EMAIL}, "password"),
        ({"email": EMAIL, "password": PASSWORD, "display_name": "x" * 81}, "display_name"),
    ],
    ids=[
        "no address",
        "without address",
        "without password",
        "short",
        "common",
        "the address",
        "long name",
    ],
)
def test_a_sign_up_that_will_not_do_is_refused(body: dict[str, Any], field: str) -> None:
    answer = call("POST", "auth/signup", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert {fault["field"] for fault in answer.json()["errors"]} == {field}
    assert not User.objects.exists()


@pytest.mark.parametrize("key", ["", "made-up", "MTA:1abc:def"])
def test_a_made_up_key_confirms_nothing(key: str) -> None:
    sign_up()
    answer = call("POST", "auth/email/verify", {"key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert try_log_in().status_code == 401


def test_a_key_confirms_once() -> None:
    sign_up()
    key = read_key()
    assert call("POST", "auth/email/verify", {"key": key}).status_code == 401
    assert call("POST", "auth/email/verify", {"key": key}).status_code == 400


def test_a_mail_is_text_and_html_and_names_our_page() -> None:
    sign_up()
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert "http://testserver/verify/" in str(message.body)
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    assert '<a href="http://testserver/verify/' in str(html)


class CountingHasher(MD5PasswordHasher):
    """Counts how often the slow part of signing up is done."""

    encoded = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.encoded += 1
        return super().encode(password, salt)


def test_the_time_that_it_takes_does_not_tell_who_has_an_account(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    for password, expected in ((PASSWORD, 1), (PASSWORD, 1), ("short", 0)):
        CountingHasher.encoded = 0
        sign_up(password=password)
        assert CountingHasher.encoded == expected
