"""What happens to an account is kept, with where it came from."""

import pytest
from django.test import Client

from control_plane.activity.models import Activity, Kind
from tests.control_plane.accounts.journeys import (
    EMAIL,
    PASSWORD,
    call,
    join,
    log_in,
    read_key,
    sign_up,
    try_log_in,
)

pytestmark = pytest.mark.django_db


def list_kinds() -> list[str]:
    """The oldest first."""
    return list(Activity.objects.order_by("id").values_list("kind", flat=True))


def test_the_way_to_an_account_is_kept() -> None:
    join()
    assert list_kinds() == [Kind.SIGNED_UP, Kind.EMAIL_VERIFIED, Kind.LOGGED_IN]


def test_a_wrong_password_is_kept_for_the_holder_of_the_account() -> None:
    join()
    try_log_in(password="wrong horse battery")
    try_log_in("nobody@example.org")
    assert list_kinds()[3:] == [Kind.LOG_IN_FAILED]


def test_logging_out_is_kept() -> None:
    call("DELETE", "auth/session", **join().headers)
    assert list_kinds()[3:] == [Kind.LOGGED_OUT]


def test_a_change_of_the_password_is_kept() -> None:
    change = {"current_password": PASSWORD, "new_password": "another horse battery"}
    call("POST", "account/password/change", change, **join().headers)
    assert list_kinds()[3:] == [Kind.PASSWORD_CHANGED]


def test_a_password_chosen_by_mail_is_kept() -> None:
    join()
    call("POST", "auth/password/request", {"email": EMAIL})
    choice = {"key": read_key(), "password": "another horse battery"}
    call("POST", "auth/password/reset", choice)
    assert list_kinds()[3:] == [Kind.PASSWORD_RESET]


def test_it_is_kept_where_a_request_came_from() -> None:
    sign_up()
    call("POST", "auth/email/verify", {"key": read_key()})
    Client().post(
        "/api/v1/auth/login",
        {"email": EMAIL, "password": PASSWORD},
        "application/json",
        headers={"User-Agent": "Player/1.0" + "x" * 300},
        REMOTE_ADDR="203.0.113.7",
    )
    activity = Activity.objects.get(kind=Kind.LOGGED_IN)
    assert activity.address == "203.0.113.7"
    assert activity.user_agent.startswith("Player/1.0x")
    assert len(activity.user_agent) == 200


def test_no_password_is_kept() -> None:
    join()
    log_in()
    kept = str(list(Activity.objects.values()))
    assert PASSWORD not in kept
