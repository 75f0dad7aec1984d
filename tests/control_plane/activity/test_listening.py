"""What happens to an account is kept, with where it came from."""

import pytest
from django.test import Client

from control_plane.accounts.models import Role
from control_plane.activity.models import Activity, Kind
from control_plane.api_keys.services import create_key
from tests.control_plane.accounts import journeys
from tests.control_plane.accounts.journeys import (
    EMAIL,
    PASSWORD,
    call,
    join,
    read_key,
    sign_up,
    try_log_in,
)
from tests.control_plane.accounts.second_steps import (
    APP,
    RECOVERY,
    add_passkey,
    give_code,
    set_up_app,
    show_code,
)
from tests.control_plane.accounts.software_key import SoftwareKey
from tests.control_plane.conftest import LogIn, MakeUser

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


def test_the_making_and_revoking_of_keys_is_kept(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user())
    made = client.post("/api/v1/me/api-keys", {"name": "Backup", "scopes": []}).json()
    for _ in range(2):
        client.delete(f"/api/v1/me/api-keys/{made['id']}")
    assert list_kinds() == [Kind.API_KEY_MADE, Kind.API_KEY_REVOKED]
    assert set(Activity.objects.values_list("detail", flat=True)) == {"Backup"}


def test_a_key_that_an_administrator_revokes_is_kept_with_who_that_was(make_user: MakeUser) -> None:
    user, admin = make_user(), make_user(Role.ADMIN)
    key, _ = create_key(user, name="Backup", scopes=[])
    client = Client()
    client.force_login(admin)
    action = {"action": "revoke", "_selected_action": [str(key.pk)]}
    client.post("/admin/api_keys/apikey/", action)
    kept = Activity.objects.get(user=user)
    assert (kept.kind, kept.by, kept.is_own) == (Kind.API_KEY_REVOKED, admin, False)


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
    journeys.log_in()
    kept = str(list(Activity.objects.values()))
    assert PASSWORD not in kept


@pytest.mark.django_db(transaction=True)
def test_second_factors_are_kept_that_come_and_go_and_that_fail() -> None:
    tokens = join()
    secret = set_up_app(tokens)
    recovery = call("GET", RECOVERY, **tokens.headers).json()["data"]["unused_codes"][0]
    add_passkey(tokens, SoftwareKey(), name="Phone")
    give_code("no code")
    give_code(show_code(secret, ahead=1))
    give_code(recovery)
    call("POST", RECOVERY, {}, **tokens.headers)
    call("DELETE", APP, **tokens.headers)
    kept = (
        Activity.objects.exclude(kind=Kind.LOGGED_IN).order_by("id").values_list("kind", "detail")
    )
    assert list(kept)[2:] == [
        (Kind.SECOND_FACTOR_ADDED, "authenticator app"),
        (Kind.SECOND_FACTOR_ADDED, "recovery codes"),
        (Kind.SECOND_FACTOR_ADDED, "passkey Phone"),
        (Kind.SECOND_FACTOR_FAILED, "authenticator app"),
        (Kind.RECOVERY_CODE_USED, ""),
        (Kind.RECOVERY_CODES_RENEWED, "recovery codes"),
        (Kind.SECOND_FACTOR_REMOVED, "authenticator app"),
    ]
    assert secret not in str(list(Activity.objects.values()))
    assert recovery not in str(list(Activity.objects.values()))
