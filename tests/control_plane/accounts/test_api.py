"""Tests for control_plane/accounts/api.py: my own account."""

from typing import Final

import pytest

from control_plane.accounts.models import Role
from tests.control_plane.conftest import LogIn, MakeUser

pytestmark = pytest.mark.django_db

PHONE: Final = "+4930123456"


@pytest.mark.parametrize("role", list(Role))
def test_everybody_sees_the_account_that_is_theirs(
    role: Role, make_user: MakeUser, log_in: LogIn
) -> None:
    user = make_user(role)
    answer = log_in(user).get("/api/v1/me")
    assert answer.json() == {
        "id": str(user.id),
        "email": user.email,
        "display_name": "",
        "first_name": "",
        "last_name": "",
        "birth_date": None,
        "phone": None,
        "role": role.value,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_a_name_may_be_changed(make_user: MakeUser, log_in: LogIn) -> None:
    user = make_user()
    answer = log_in(user).patch("/api/v1/me", {"display_name": "Ada L."})
    assert answer.json()["display_name"] == "Ada L."


@pytest.mark.parametrize(
    "change", [{"role": "admin"}, {"email": "other@example.org"}, {"is_active": False}]
)
def test_nothing_else_may(change: dict[str, object], make_user: MakeUser, log_in: LogIn) -> None:
    user = make_user()
    assert log_in(user).patch("/api/v1/me", change).status_code == 200
    user.refresh_from_db()
    assert (user.role, user.email, user.is_active) == (Role.VIEWER, user.email, True)
    assert user.email.startswith("viewer")


def test_a_name_that_is_too_long_is_refused(make_user: MakeUser, log_in: LogIn) -> None:
    answer = log_in(make_user()).patch("/api/v1/me", {"display_name": "x" * 81})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "display_name")


@pytest.mark.parametrize("method", ["put", "delete", "post"])
def test_no_other_method_is_known(method: str, make_user: MakeUser, log_in: LogIn) -> None:
    assert getattr(log_in(make_user()), method)("/api/v1/me").status_code == 405


def test_a_profile_is_its_holders_to_fill(make_user: MakeUser, log_in: LogIn) -> None:
    profile = {"first_name": "Ada", "last_name": "L", "birth_date": "1815-12-10", "phone": PHONE}
    client = log_in(make_user())
    assert client.patch("/api/v1/me", profile).json().items() >= profile.items()
    emptied = client.patch("/api/v1/me", {"birth_date": None, "phone": None}).json()
    assert (emptied["birth_date"], emptied["phone"]) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birth_date", "2999-01-01"),
        ("birth_date", "soon"),
        ("phone", ""),
        ("phone", "0301234567"),
        ("phone", "+49 30 123"),
        ("phone", f"{PHONE}\n5"),
    ],
)
def test_what_is_no_day_or_number_is_refused(
    field: str, value: str, make_user: MakeUser, log_in: LogIn
) -> None:
    answer = log_in(make_user()).patch("/api/v1/me", {field: value})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_a_number_belongs_to_one_account_and_none_to_many(
    make_user: MakeUser, log_in: LogIn
) -> None:
    first, second = make_user(), make_user()
    assert log_in(first).patch("/api/v1/me", {"phone": PHONE}).status_code == 200
    answer = log_in(second).patch("/api/v1/me", {"phone": PHONE})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unique")
